import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createLocalApi } from '../apiserver/local-api.ts';
import { loopbackServiceAddress } from '../network/loopback-network.ts';
import { Store } from '../store/index.ts';
import { startBalancer } from './balancer.ts';
import type { ProxyFollows } from './routing-table.ts';

export const namespace = 'default';
export const servicePort = 8080;
let clusterIPs = 0;

/**
 * Until what is under way has come through. Not one long wait: on a busy machine it may be over before
 * the loop has looked at the network once, while each of these lets it look.
 */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await delay(3);
}

/** A balancer on loopback addresses, one Service, and TCP servers that play Pods. */
export async function setUp(
  options: { proxyFollows?: ProxyFollows; service?: Service['spec'] } = {},
) {
  const api = createLocalApi({
    store: new Store({ now: Date.now }),
    now: () => new Date(),
    validationRules: { allowLoopbackEndpoints: true },
  });
  const failures: string[] = [];
  const nodePorts: Server[] = [];
  const balancer = startBalancer({
    api,
    network: { serviceAddress: loopbackServiceAddress, balancerBind: '127.78.0.2' },
    proxyFollows: options.proxyFollows ?? 'endpointslices',
    async openNodePort(port) {
      const server = createServer().listen({ host: '127.0.0.1', port });
      await once(server, 'listening');
      nodePorts.push(server);
      return server;
    },
    async openUdpNodePort(port) {
      const socket = createSocket('udp4').bind(port, '127.0.0.1');
      await once(socket, 'listening');
      return socket;
    },
    failed: (service, message) => failures.push(`${service.metadata?.name}: ${message}`),
  });
  onTestFinished(() => balancer[Symbol.asyncDispose]());
  api.create('namespaces', { metadata: { name: namespace } });
  const clusterIP = `10.111.${process.pid % 250}.${++clusterIPs}`;
  api.create<Service>('services', {
    metadata: { name: 'web', namespace },
    spec: { clusterIP, ports: [{ port: servicePort, targetPort: 8080 }], ...options.service },
  });
  const address = { host: loopbackServiceAddress(clusterIP), port: servicePort };
  return { api, balancer, failures, address, clusterIP };
}

export async function pod(
  answer: (socket: Socket) => void,
): Promise<{ address: string; port: number }> {
  const server = createServer({ allowHalfOpen: true }, answer);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  server.listen({ host: '127.78.0.10', port: 0 });
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { address: '127.78.0.10', port: portOf(server) };
}

export function sliceOf(
  name: string,
  port: number,
  endpoints: NonNullable<EndpointSlice['endpoints']>,
): EndpointSlice {
  return {
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ name: '', port }],
    endpoints,
  };
}

/** What the server says to a connection that says nothing; the error's code when it is refused. */
export async function ask(address: {
  host: string;
  port: number;
  localAddress?: string;
}): Promise<string> {
  const socket = connect(address);
  let text = '';
  try {
    for await (const chunk of socket) text += String(chunk);
    return text;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'error';
  }
}

export function portOf(server: Server): number {
  return (server.address() as { port: number }).port;
}

/** A Pod that says its name to whoever connects. */
export const says = (name: string) => (socket: Socket) => void socket.end(name);
