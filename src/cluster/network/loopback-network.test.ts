import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createLoopbackNetwork, loopbackServiceAddress } from './loopback-network.ts';

test('two clusters on one machine give their nodes and Pods different addresses', async () => {
  await using one = await createLoopbackNetwork(2);
  await using two = await createLoopbackNetwork(2);
  const nodes = [...one.nodes, ...two.nodes];
  const pods = await Promise.all(
    nodes.flatMap((node) => ['a', 'b'].map((uid) => node.attach({ uid, pid: 0 }))),
  );
  const addresses = [
    ...pods.map(({ ip }) => ip),
    ...nodes.map(({ nodeAddress }) => nodeAddress),
    one.balancerAddress,
    two.balancerAddress,
  ];
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(addresses.every((address) => address.startsWith('127.77.'))).toBe(true);
});

test('a Pod keeps its address until it is detached, and can be listened on', async () => {
  await using network = await createLoopbackNetwork(1);
  const node = network.nodes[0]!;
  const first = await node.attach({ uid: 'a', pid: 0 });
  expect(await node.attach({ uid: 'a', pid: 0 })).toEqual(first);
  const server = createServer().listen({ host: first.ip, port: 0 });
  await once(server, 'listening');
  server.close();
  await node.detach('a');
  expect(await node.attach({ uid: 'a', pid: 0 })).not.toEqual(first);
});

test('a ClusterIP answers at the loopback address of the same number', () => {
  expect(loopbackServiceAddress('10.96.0.10')).toBe('127.96.0.10');
  expect(loopbackServiceAddress('10.111.255.254')).toBe('127.111.255.254');
});
