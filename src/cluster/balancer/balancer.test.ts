import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoints } from 'kubernetes-types/core/v1.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textFormat } from '../metrics/index.ts';
import { endpointMetrics } from './metrics.ts';
import {
  ask,
  namespace,
  pod,
  portOf,
  says,
  servicePort,
  settle,
  setUp,
  sliceOf,
} from './test-balancer.ts';

async function listenInNodePortRange(): Promise<Server> {
  for (;;) {
    const port = 30_000 + Math.floor(Math.random() * 2768);
    const server = createServer().listen({ host: '127.0.0.1', port });
    const listening = await once(server, 'listening').catch(() => undefined);
    if (listening) return server;
  }
}

test('the union of all slices gets the connections, whoever manages them', async () => {
  const { api, address, balancer } = await setUp();
  const [a, b] = [await pod(says('a')), await pod(says('b'))];
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  api.create('endpointslices', sliceOf('two', b.port, [{ addresses: [b.address] }]));
  await settle();
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
  await settle();
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
  await settle();
  expect(await ask(address)).toBe('ECONNREFUSED');
  const a = await pod(says('a'));
  const slice = sliceOf('one', a.port, [{ addresses: [a.address] }]);
  for (let round = 0; round < 3; round += 1) {
    api.create('endpointslices', slice);
    await settle();
    expect(await ask(address)).toBe('a');
    api.delete('endpointslices', { namespace, name: 'one' });
    await settle();
    expect(await ask(address)).toBe('ECONNREFUSED');
  }
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
  await settle();
  expect(await ask(address)).toBe('ECONNRESET');
  const a = await pod(says('a'));
  const slice = sliceOf('one', a.port, [{ addresses: [a.address] }]);
  api.create('endpointslices', { ...slice, ports: [{ name: 'a', port: a.port }] });
  expect(await ask(address)).toBe('a');
  await expect
    .poll(() => failures.join())
    .toContain(`web: cannot listen on node-port:${takenPort}`);
  api.delete('services', { namespace, name: 'web' });
  await settle();
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
  await settle();
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(address)));
  expect(new Set(answers)).toEqual(new Set(['b']));
});

test('headless and ExternalName Services have no listener', async () => {
  const headless = await setUp({ service: { clusterIP: 'None', ports: [{ port: servicePort }] } });
  headless.api.create('endpointslices', sliceOf('one', 1, [{ addresses: ['127.78.0.10'] }]));
  await settle();
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

test('with ClientIP affinity a client address keeps its endpoint, until that is gone', async () => {
  const { api, address } = await setUp({
    service: { sessionAffinity: 'ClientIP', ports: [{ port: servicePort }] },
  });
  const pods = new Map<string, Awaited<ReturnType<typeof pod>>>();
  for (const name of ['a', 'b', 'c']) {
    const { address: ip, port } = await pod(says(name));
    pods.set(name, { address: ip, port });
    api.create('endpointslices', sliceOf(name, port, [{ addresses: [ip] }]));
  }
  await settle();
  const first = await ask(address);
  const more = await Promise.all(Array.from({ length: 15 }, () => ask(address)));
  expect(new Set(more)).toEqual(new Set([first]));
  const others = Array.from({ length: 20 }, (_, n) =>
    ask({ ...address, localAddress: `127.78.1.${n + 1}` }),
  );
  expect(new Set(await Promise.all(others)).size).toBeGreaterThan(1);
  api.delete('endpointslices', { namespace, name: first });
  const second = await ask(address);
  expect(second).not.toBe(first);
  expect(await ask(address)).toBe(second);
});

test('with internalTrafficPolicy Local a client on a node gets the endpoints of that node only', async () => {
  const { api, address } = await setUp({
    service: { internalTrafficPolicy: 'Local', ports: [{ port: servicePort }] },
  });
  for (const [index, nodeName] of ['one', 'two', 'three'].entries()) {
    api.create('nodes', {
      metadata: { name: nodeName },
      spec: { podCIDR: `127.78.10${index}.0/24`, podCIDRs: [`127.78.10${index}.0/24`] },
    });
    if (nodeName === 'three') continue;
    const { address: ip, port } = await pod(says(nodeName));
    api.create('endpointslices', sliceOf(nodeName, port, [{ addresses: [ip], nodeName }]));
  }
  await settle();
  const from = (localAddress: string) =>
    Promise.all(Array.from({ length: 10 }, () => ask({ ...address, localAddress })));
  expect(new Set(await from('127.78.100.7'))).toEqual(new Set(['one']));
  expect(new Set(await from('127.78.101.7'))).toEqual(new Set(['two']));
  expect(new Set(await from('127.78.102.7'))).toEqual(new Set(['ECONNRESET']));
  // Not on a node: it has no endpoints nearer than others.
  expect(new Set(await from('127.78.50.7'))).toEqual(new Set(['one', 'two']));
});

test('each named port goes to the port that the slice gives that name', async () => {
  const ports = [
    { name: 'http', port: 8001, targetPort: 'web' },
    { name: 'admin', port: 8002, targetPort: 'admin' },
  ];
  const { api, address, balancer } = await setUp({ service: { ports } });
  const [http, admin] = [await pod(says('http')), await pod(says('admin'))];
  const slice = sliceOf('one', 1, [
    { addresses: [http.address], targetRef: { kind: 'Pod', name: 'web-1' } },
  ]);
  const named = [
    { name: 'admin', port: admin.port },
    { name: 'http', port: http.port },
  ];
  api.create('endpointslices', { ...slice, ports: named });
  await settle();
  expect(await ask({ ...address, port: 8001 })).toBe('http');
  expect(await ask({ ...address, port: 8002 })).toBe('admin');
  expect(textFormat(endpointMetrics(balancer.statistics()))).toContain(
    `pitstop_cluster_endpoint_connections_total{namespace="default",service="web",port="admin",protocol="TCP",pod="web-1",ip="${admin.address}",target_port="${admin.port}"} 1\n`,
  );
});

test('endpoints that flap never leave a listener behind, nor one that cannot be opened', async () => {
  const { api, address, failures } = await setUp();
  const a = await pod(says('a'));
  const slice = sliceOf('one', a.port, [{ addresses: [a.address] }]);
  for (let round = 0; round < 50; round += 1) {
    api.create('endpointslices', slice);
    if (round % 3 === 0) await Promise.resolve();
    if (round % 7 === 0) await delay(1);
    api.delete('endpointslices', { namespace, name: 'one' });
    if (round % 5 === 0) await Promise.resolve();
  }
  api.create('endpointslices', slice);
  await expect.poll(() => ask(address)).toBe('a');
  api.delete('endpointslices', { namespace, name: 'one' });
  await expect.poll(() => ask(address)).toBe('ECONNREFUSED');
  expect(failures).toEqual([]);
});

test('an address that passes from one Service to another answers for the other', async () => {
  const { api, address, clusterIP } = await setUp();
  const [a, b] = [await pod(says('a')), await pod(says('b'))];
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  const other = sliceOf('two', b.port, [{ addresses: [b.address] }]);
  const labels = { 'kubernetes.io/service-name': 'other' };
  api.create('endpointslices', { ...other, metadata: { ...other.metadata, labels } });
  await expect.poll(() => ask(address)).toBe('a');
  api.delete('services', { namespace, name: 'web' });
  api.create('services', {
    metadata: { name: 'other', namespace },
    spec: { clusterIP, ports: [{ port: servicePort }] },
  });
  await expect.poll(() => ask(address)).toBe('b');
});
