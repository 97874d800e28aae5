import type { Socket as UdpSocket } from 'node:dgram';
import type { Server } from 'node:net';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { Api } from '../api.ts';
import type { PodNetwork } from '../network/index.ts';
import { createChooser } from './choose.ts';
import { type Listener, Listeners } from './listeners.ts';
import { followNodes } from './node-of-address.ts';
import { createRoutingTable, type ProxyFollows } from './routing-table.ts';
import type { ServicePort } from './service-ports.ts';
import { type EndpointStatistics, Statistics } from './statistics.ts';
import { createTcp } from './tcp.ts';
import { createUdp } from './udp.ts';

export interface BalancerOptions {
  readonly api: Api;
  readonly network: Pick<PodNetwork, 'balancerBind' | 'serviceAddress'>;
  readonly proxyFollows: ProxyFollows;
  /** Gives a listening server on 127.0.0.1:port of the machine, or rejects: the port is taken. */
  readonly openNodePort: (port: number) => Promise<Server>;
  /** The same for UDP: a socket that is bound there. */
  readonly openUdpNodePort?: (port: number) => Promise<UdpSocket>;
  /** A listener could not be opened; tried again every 10 s while the Service wants it. */
  readonly failed: (service: Service, message: string) => void;
}

export interface Balancer extends AsyncDisposable {
  statistics(): readonly EndpointStatistics[];
}

/** One address to answer at: a ClusterIP's, or without one the node port. */
interface Target {
  readonly port: ServicePort;
  readonly host?: string;
  readonly number: number;
}

/**
 * The Service data plane in this process: each Service port answers at its ClusterIP and node port,
 * each new connection goes to one endpoint and stays with it. A write to a slice holds for every
 * connection accepted after the write has returned.
 */
export function startBalancer(options: BalancerOptions): Balancer {
  const { api, network } = options;
  const statistics = new Statistics();
  const tcp = createTcp({ localAddress: network.balancerBind });
  const udp = createUdp({ localAddress: network.balancerBind });
  const changed = new Set<string>();
  const listened = new Map<string, ReadonlyMap<string, Target>>();
  let stopped = false;

  const nodeOf = followNodes(api);
  const table = createRoutingTable(api, { follows: options.proxyFollows, changed: noteChange });
  const choose = createChooser({ table, statistics, nodeOf });
  const listeners = new Listeners<Target>({
    open,
    failed(_key, { port, host, number }, error) {
      const service = table.services.get(port.service)?.object;
      const place = `${host ?? 'node-port'}:${number}${port.protocol === 'UDP' ? '/udp' : ''}`;
      if (service) options.failed(service, `cannot listen on ${place}: ${error.message}`);
    },
  });

  // Many objects change in one tick (a rollout, the start): the listeners follow once, after them.
  function noteChange(service: string): void {
    if (changed.size === 0) queueMicrotask(followChanges);
    changed.add(service);
  }

  function followChanges(): void {
    if (stopped) return;
    const wanted = new Map(Array.from(changed, (service) => [service, wantedBy(service)]));
    changed.clear();
    // First all that go: an address may pass from one Service to another.
    for (const [service, targets] of wanted) {
      for (const key of listened.get(service)?.keys() ?? []) {
        if (!targets.has(key)) listeners.want(key, undefined);
      }
    }
    for (const [service, targets] of wanted) {
      for (const [key, target] of targets) listeners.want(key, target);
      if (targets.size > 0) listened.set(service, targets);
      else listened.delete(service);
    }
  }

  function wantedBy(service: string): ReadonlyMap<string, Target> {
    const wanted = new Map<string, Target>();
    for (const port of table.services.get(service)?.ports ?? []) {
      const { protocol, nodePort, clusterIPs } = port;
      if (nodePort) wanted.set(`${protocol} node-port:${nodePort}`, { port, number: nodePort });
      // Without an endpoint the ClusterIP refuses connections, as kube-proxy's REJECT does. A node
      // port is kept, or another program could take it, and resets them.
      if (table.usable(port).length === 0) continue;
      for (const clusterIP of clusterIPs) {
        const host = network.serviceAddress(clusterIP);
        if (host === undefined) continue;
        wanted.set(`${protocol} ${host}:${port.port}`, { port, host, number: port.port });
      }
    }
    return wanted;
  }

  async function open(_key: string, current: () => Target): Promise<Listener> {
    const { port, host, number } = current();
    const isInternal = host !== undefined;
    if (port.protocol === 'TCP') {
      const place = isInternal ? { host, port: number } : await options.openNodePort(number);
      return tcp.listen(place, (client) =>
        choose({
          port: current().port,
          isInternal,
          clientAddress: () => client.remoteAddress ?? '',
        }),
      );
    }
    const place = isInternal ? { host, port: number } : await udpNodePort(number);
    return udp.listen(place, {
      choose: (address) =>
        choose({ port: current().port, isInternal, clientAddress: () => address }),
      endpoints: () => table.endpoints(current().port),
    });
  }

  function udpNodePort(port: number): Promise<UdpSocket> {
    const refused = () => Promise.reject(new Error('nobody here opens node ports for UDP'));
    return (options.openUdpNodePort ?? refused)(port);
  }

  return {
    statistics: () => statistics.snapshot(),
    [Symbol.asyncDispose]() {
      stopped = true;
      for (const part of [table, nodeOf, listeners, tcp, udp]) part[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}
