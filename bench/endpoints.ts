import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createLocalApi } from '../src/cluster/apiserver/local-api.ts';
import { bareBalancer } from './support/bare-balancer.ts';
import { loopbackServiceAddress } from '../src/cluster/network/loopback-network.ts';
import { Store } from '../src/cluster/store/index.ts';
import { median, report, seconds } from './support/measure.ts';

// A Service of 5,000 endpoints in slices of 100, of which one is ready: how long after the write that
// makes another one ready instead does a new connection reach that one?
const SLICES = 50;
const PER_SLICE = 100;
const ROUNDS = 200;
const port = 27_080;
const servicePort = 8080;

const addressOf = (slice: number, index: number) => `127.79.${slice}.${index + 1}`;
const pods = createServer((socket) => socket.on('error', () => {}).end(`${socket.localAddress}`));
pods.listen({ host: '0.0.0.0', port, backlog: 1024 });
await once(pods, 'listening');
const api = createLocalApi({
  store: new Store({ now: Date.now }),
  now: () => new Date(),
  validationRules: { allowLoopbackEndpoints: true },
});
api.create('namespaces', { metadata: { name: 'default' } });
const clusterIP = '10.96.79.1';
api.create('services', {
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP, ports: [{ port: servicePort, targetPort: port }] },
});
const balancer = bareBalancer(api);
const endpoints = (slice: number, ready = -1) =>
  Array.from({ length: PER_SLICE }, (_, index) => ({
    addresses: [addressOf(slice, index)],
    conditions: { ready: index === ready },
  }));
for (let slice = 0; slice < SLICES; slice += 1) {
  api.create('endpointslices', {
    metadata: {
      name: `web-${slice}`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'web' },
    },
    addressType: 'IPv4',
    ports: [{ port }],
    endpoints: endpoints(slice, slice === 0 ? 0 : -1),
  });
}
await new Promise((resolve) => setTimeout(resolve, 100));

const writes: number[] = [];
const reached: number[] = [];
let last = 0;
for (let round = 1; round <= ROUNDS; round += 1) {
  const slice = round % SLICES;
  const ready = round % PER_SLICE;
  const write = (number: number, chosen: number) =>
    api.patch(
      'endpointslices',
      { namespace: 'default', name: `web-${number}` },
      { endpoints: endpoints(number, chosen) },
      { type: 'merge' },
    );
  const took = await seconds(async () => {
    writes.push(
      await seconds(() => {
        write(slice, ready);
        write(last, -1);
      }),
    );
    const answer = await ask();
    if (answer !== addressOf(slice, ready)) throw new Error(`reached ${answer}`);
  });
  reached.push(took);
  last = slice;
}
const ms = (values: readonly number[]) =>
  `${(median(values) * 1000).toFixed(1)} ms, slowest ${(Math.max(...values) * 1000).toFixed(1)} ms`;
report(`${SLICES * PER_SLICE} endpoints in ${SLICES} slices, ${ROUNDS} changes`, [
  `two slices written            ${ms(writes)}`,
  `… and a new connection's answer ${ms(reached)}`,
]);
await balancer[Symbol.asyncDispose]();
pods.close();

async function ask(): Promise<string> {
  let text = '';
  const socket = connect({ host: loopbackServiceAddress(clusterIP), port: servicePort });
  for await (const chunk of socket) text += String(chunk);
  return text;
}
