import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createLocalApi } from '../apiserver/local-api.ts';
import { loopbackServiceAddress } from '../network/loopback-network.ts';
import { Store } from '../store/index.ts';
import { startBalancer } from './balancer.ts';
import type { ProxyFollows } from './routing-table.ts';

const namespace = 'default';
const servicePort = 8080;
let clusterIPs = 0;

/** A balancer on loopback addresses, one Service, and TCP servers that play Pods. */
async function setUp(options: { proxyFollows?: ProxyFollows; service?: Service['spec'] } = {}) {
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
  return { api, balancer, failures, address };
}

async function pod(answer: (socket: Socket) => void): Promise<{ address: string; port: number }> {
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

function sliceOf(
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
async function ask(address: { host: string; port: number }): Promise<string> {
  const socket = connect(address);
  let text = '';
  try {
    for await (const chunk of socket) text += String(chunk);
    return text;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'error';
  }
}

function portOf(server: Server): number {
  return (server.address() as { port: number }).port;
}

async function listenInNodePortRange(): Promise<Server> {
  for (;;) {
    const port = 30_000 + Math.floor(Math.random() * 2768);
    const server = createServer().listen({ host: '127.0.0.1', port });
    const listening = await once(server, 'listening').catch(() => undefined);
    if (listening) return server;
  }
}

const says = (name: string) => (socket: Socket) => void socket.end(name);

test('the union of all slices gets the connections, whoever manages them', async () => {
  const { api, address, balancer } = await setUp();
  const [a, b] = [await pod(says('a')), await pod(says('b'))];
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  api.create('endpointslices', sliceOf('two', b.port, [{ addresses: [b.address] }]));
  await delay(20);
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask(address)));
  expect(new Set(answers)).toEqual(new Set(['a', 'b']));
  await expect
    .poll(() => balancer.statistics().map(({ connections }) => connections.open))
    .toEqual([0, 0]);
  const [first, second] = balancer.statistics();
  expect(first!.connections.total + second!.connections.total).toBe(40);
  expect(first).toMatchObject({ service: 'default/web', port: '', bytes: { toEndpoint: 0 } });
  expect(first!.bytes.fromEndpoint).toBe(first!.connections.total);
});

test('a write to a slice holds for the next connection, and open connections stay', async () => {
  const { api, address } = await setUp();
  const [a, b] = [
    await pod((socket) => {
      socket.write('a');
      socket.pipe(socket);
    }),
    await pod(says('b')),
  ];
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  await delay(20);
  const kept = connect(address);
  expect(String((await once(kept, 'data'))[0])).toBe('a');
  const key = { namespace, name: 'one' };
  const open = connect(address);
  open.on('data', () => {});
  api.create('endpointslices', sliceOf('two', b.port, [{ addresses: [b.address] }]));
  api.patch(
    'endpointslices',
    key,
    { endpoints: [{ addresses: [a.address], conditions: { ready: false } }] },
    { type: 'merge' },
  );
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(address)));
  expect(new Set(answers)).toEqual(new Set(['b']));
  kept.write('still');
  expect(String((await once(kept, 'data'))[0])).toBe('still');
  for (const socket of [kept, open]) socket.destroy();
});

test('without an endpoint the ClusterIP refuses, and answers again when there is one', async () => {
  const { api, address } = await setUp();
  await delay(20);
  expect(await ask(address)).toBe('ECONNREFUSED');
  const a = await pod(says('a'));
  const slice = sliceOf('one', a.port, [{ addresses: [a.address] }]);
  for (let round = 0; round < 3; round += 1) {
    api.create('endpointslices', slice);
    await delay(20);
    expect(await ask(address)).toBe('a');
    api.delete('endpointslices', { namespace, name: 'one' });
    await delay(20);
    expect(await ask(address)).toBe('ECONNREFUSED');
  }
});

test('an endpoint that does not answer resets the client', async () => {
  const { api, address, balancer } = await setUp();
  api.create('endpointslices', sliceOf('one', 1, [{ addresses: ['127.78.0.99'] }]));
  await delay(20);
  expect(await ask(address)).toBe('ECONNRESET');
  await expect.poll(() => balancer.statistics()[0]?.connections.failed).toBe(1);
});

test('a reset by the endpoint reaches the client as a reset', async () => {
  const { api, address } = await setUp();
  const a = await pod((socket) => void socket.write('half', () => socket.resetAndDestroy()));
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  await delay(20);
  expect(await ask(address)).toBe('ECONNRESET');
});

test('each direction ends by itself, and bytes arrive whole through a slow reader', async () => {
  const { api, address } = await setUp();
  const size = 30_000_000;
  const a = await pod((socket) => {
    let received = 0;
    socket.on('data', (chunk) => (received += chunk.length));
    socket.on('end', () => {
      socket.write(Buffer.alloc(size, 1));
      socket.end(String(received));
    });
  });
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  await delay(20);
  const client = connect({ ...address, allowHalfOpen: true });
  client.end(Buffer.alloc(size, 2));
  let received = 0;
  let pauses = 0;
  let last = '';
  for await (const chunk of client) {
    received += chunk.length;
    last = String(chunk.subarray(-8));
    if (++pauses % 100 === 0) await delay(5);
  }
  expect(received).toBe(size + 8);
  expect(last).toBe(String(size));
});

test('a node port answers too, resets while nobody is ready, and says when it is taken', async () => {
  const [taken, spare] = [await listenInNodePortRange(), await listenInNodePortRange()];
  const [takenPort, port] = [portOf(taken), portOf(spare)];
  spare.close();
  await once(spare, 'close');

  const ports = [
    { name: 'a', port: 1001, nodePort: port },
    { name: 'b', port: 1002, nodePort: takenPort },
  ];
  const { api, failures } = await setUp({ service: { type: 'NodePort', ports } });
  const address = { host: '127.0.0.1', port };
  await delay(30);
  expect(await ask(address)).toBe('ECONNRESET');
  const a = await pod(says('a'));
  const slice = sliceOf('one', a.port, [{ addresses: [a.address] }]);
  api.create('endpointslices', { ...slice, ports: [{ name: 'a', port: a.port }] });
  expect(await ask(address)).toBe('a');
  await expect
    .poll(() => failures.join())
    .toContain(`web: cannot listen on node-port:${takenPort}`);
  api.delete('services', { namespace, name: 'web' });
  await delay(20);
  expect(await ask(address)).toBe('ECONNREFUSED');
  taken.close();
});

test('with proxyFollows endpoints, the Endpoints object counts and the slices do not', async () => {
  const { api, address } = await setUp({ proxyFollows: 'endpoints' });
  const [a, b] = [await pod(says('a')), await pod(says('b'))];
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  api.create<Endpoints>('endpoints', {
    metadata: { name: 'web', namespace },
    subsets: [{ addresses: [{ ip: b.address }], ports: [{ port: b.port }] }],
  });
  await delay(20);
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(address)));
  expect(new Set(answers)).toEqual(new Set(['b']));
});

test('headless and ExternalName Services have no listener', async () => {
  const headless = await setUp({ service: { clusterIP: 'None', ports: [{ port: servicePort }] } });
  headless.api.create('endpointslices', sliceOf('one', 1, [{ addresses: ['127.78.0.10'] }]));
  await delay(20);
  expect(await ask(headless.address)).toBe('ECONNREFUSED');
  expect(headless.failures).toEqual([]);
});

test('no connection goes to an endpoint that was removed or unready before it was made', async () => {
  const { api, address } = await setUp();
  const pods = await Promise.all(['0', '1', '2'].map((name) => pod(says(name))));
  // One slice a Pod: each has a port of its own here.
  for (const [index, { port }] of pods.entries()) {
    api.create('endpointslices', sliceOf(`s${index}`, port, []));
  }
  const state = fc.constantFrom('ready', 'unready', 'absent');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(state, state, state), { maxLength: 6 }), async (steps) => {
      for (const step of steps) {
        for (const [index, said] of step.entries()) {
          const endpoint = {
            addresses: ['127.78.0.10'],
            conditions: { ready: said === 'ready', serving: said === 'ready' },
          };
          api.patch(
            'endpointslices',
            { namespace, name: `s${index}` },
            { endpoints: said === 'absent' ? [] : [endpoint] },
            { type: 'merge' },
          );
        }
        const allowed = new Set(['ECONNREFUSED', 'ECONNRESET']);
        for (const [index, said] of step.entries()) if (said === 'ready') allowed.add(`${index}`);
        for (const answer of await Promise.all([ask(address), ask(address), ask(address)])) {
          expect(allowed).toContain(answer);
        }
      }
    }),
    { numRuns: 40 },
  );
});
