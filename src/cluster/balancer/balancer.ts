import type { Server, Socket } from 'node:net';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { Api } from '../api.ts';
import type { PodNetwork } from '../network/index.ts';
import { forward, type Forwarding } from './forward.ts';
import { type ListenerKey, Listeners } from './listeners.ts';
import { createPicker } from './pick.ts';
import { createReadBuffers } from './read-buffers.ts';
import { createRoutingTable, type ProxyFollows } from './routing-table.ts';
import type { ServicePort } from './service-ports.ts';
import { type EndpointStatistics, Statistics } from './statistics.ts';

export interface BalancerOptions {
  readonly api: Api;
  readonly network: Pick<PodNetwork, 'balancerBind' | 'serviceAddress'>;
  readonly proxyFollows: ProxyFollows;
  /** Gives a listening server on 127.0.0.1:port of the machine, or rejects: the port is taken. */
  readonly openNodePort: (port: number) => Promise<Server>;
  /** A listener could not be opened; tried again every 10 s while the Service wants it. */
  readonly failed: (service: Service, message: string) => void;
}

export interface Balancer extends AsyncDisposable {
  statistics(): readonly EndpointStatistics[];
}

/**
 * The Service data plane: each Service port answers at its ClusterIP and node port, each new
 * connection goes to one endpoint and stays with it. A write to a slice holds for every connection
 * accepted after the write has returned.
 */
export function startBalancer(options: BalancerOptions): Balancer {
  const { network } = options;
  const picker = createPicker();
  const statistics = new Statistics();
  const buffers = createReadBuffers();
  const open = new Set<Forwarding>();
  let scheduled = false;
  let stopped = false;

  const table = createRoutingTable(options.api, {
    follows: options.proxyFollows,
    changed: schedule,
  });
  const listeners = new Listeners<ServicePort>({
    openNodePort: options.openNodePort,
    connection: accept,
    failed(port, key, error) {
      const service = table.services.get(port.service)?.object;
      if (service) options.failed(service, `cannot listen on ${key}: ${error.message}`);
    },
  });

  // Many objects change in one tick (a rollout, the start): the listeners follow once, after them.
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      if (!stopped) listeners.want(wantedListeners());
    });
  }

  function wantedListeners(): ReadonlyMap<ListenerKey, ServicePort> {
    const wanted = new Map<ListenerKey, ServicePort>();
    for (const { ports } of table.services.values()) {
      for (const port of ports) {
        if (port.protocol !== 'TCP') continue;
        if (port.nodePort) wanted.set(`node-port:${port.nodePort}`, port);
        // Without an endpoint the ClusterIP refuses connections, as kube-proxy's REJECT does. A node
        // port is kept, or another program could take it, and resets them.
        if (table.usable(port).length > 0) {
          for (const clusterIP of port.clusterIPs) {
            const address = network.serviceAddress(clusterIP);
            // Level plain has no address for it.
            if (address !== undefined) wanted.set(`${address}:${port.port}`, port);
          }
        }
      }
    }
    return wanted;
  }

  function accept(client: Socket, port: ServicePort): void {
    const endpoint = picker.pick({
      port,
      clientAddress: port.affinityTimeoutMs === undefined ? '' : (client.remoteAddress ?? ''),
      endpoints: table.usable(port),
    });
    if (!endpoint) {
      client.resetAndDestroy();
      return;
    }
    const counter = statistics.counter(port.service, port.portName, endpoint);
    counter.total += 1;
    const forwarding = forward(client, endpoint, {
      buffers,
      localAddress: network.balancerBind,
      closed(connected) {
        if (!connected) counter.failed += 1;
        counter.toEndpoint += forwarding.backend.bytesWritten;
        counter.fromEndpoint += forwarding.backend.bytesRead;
        counter.open.delete(forwarding);
        open.delete(forwarding);
      },
    });
    counter.open.add(forwarding);
    open.add(forwarding);
  }

  return {
    statistics: () => statistics.snapshot(),
    async [Symbol.asyncDispose]() {
      stopped = true;
      table[Symbol.dispose]();
      await listeners[Symbol.asyncDispose]();
      for (const forwarding of open) forwarding.destroy();
    },
  };
}
