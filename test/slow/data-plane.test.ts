import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  ask,
  namespace,
  pod,
  says,
  settle,
  setUp,
  sliceOf,
} from '../../src/cluster/balancer/test-balancer.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const SOAK_MS = 30_000;

test('while endpoints come and go, but one is ready at any time, no new connection fails', async () => {
  const { api, address, balancer, failures } = await setUp();
  const pods = new Map<string, { address: string; port: number }>();
  for (const name of names) pods.set(name, await pod(says(name)));
  const slice = (name: string, ready: boolean) =>
    sliceOf(name, pods.get(name)!.port, [
      { addresses: [pods.get(name)!.address], conditions: { ready, serving: ready } },
    ]);
  const listed = new Set<string>();
  const ready = new Set<string>();
  const makeReady = (name: string) => {
    if (listed.has(name)) {
      const { endpoints } = slice(name, true);
      api.patch('endpointslices', { namespace, name }, { endpoints }, { type: 'merge' });
    } else api.create('endpointslices', slice(name, true));
    listed.add(name);
    ready.add(name);
  };
  const takeOut = (name: string) => {
    ready.delete(name);
    if (Math.random() < 0.5) {
      api.delete('endpointslices', { namespace, name });
      listed.delete(name);
      return;
    }
    const { endpoints } = slice(name, false);
    api.patch('endpointslices', { namespace, name }, { endpoints }, { type: 'merge' });
  };
  makeReady('a');
  await expect.poll(() => ask(address)).toBe('a');

  const answers = new Map<string, number>();
  const wrong: string[] = [];
  let changes = 0;
  const over = new AbortController();
  const client = async () => {
    while (!over.signal.aborted) {
      const answer = await ask(address);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      if (!pods.has(answer)) wrong.push(answer);
    }
  };
  const flapping = async () => {
    const end = Date.now() + SOAK_MS;
    while (Date.now() < end) {
      const name = names[Math.floor(Math.random() * names.length)]!;
      if (!ready.has(name)) makeReady(name);
      else if (ready.size > 1) takeOut(name);
      changes += 1;
      await delay(Math.random() < 0.3 ? 3 : 0);
    }
    over.abort();
  };
  await Promise.all([flapping(), ...Array.from({ length: 16 }, client)]);
  expect(wrong).toEqual([]);
  expect(failures).toEqual([]);
  expect([...answers.keys()].toSorted()).toEqual(names);
  const total = [...answers.values()].reduce((sum, count) => sum + count, 0);
  expect(changes).toBeGreaterThan(100);
  expect(total).toBeGreaterThan(1000);
  const open = () => balancer.statistics().map(({ connections }) => connections.open);
  await expect.poll(open).toEqual(names.map(() => 0));
  for (const { connections } of balancer.statistics()) expect(connections.failed).toBe(0);
});

test('ten thousand connections that come and go leave nothing behind', async () => {
  const { api, address, balancer } = await setUp();
  const a = await pod(says('a'));
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  await settle();
  const openSockets = () =>
    process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  const before = openSockets();
  const client = async () => {
    for (let count = 0; count < 250; count += 1) expect(await ask(address)).toBe('a');
  };
  await Promise.all(Array.from({ length: 40 }, client));
  await expect
    .poll(() => balancer.statistics())
    .toMatchObject([{ connections: { total: 10_000, open: 0, failed: 0 } }]);
  await expect.poll(openSockets).toBe(before);
});
