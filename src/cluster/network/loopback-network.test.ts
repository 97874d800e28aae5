import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createPodNetwork } from './index.ts';
import { loopbackServiceAddress } from './loopback-network.ts';

const options = {
  level: 'loopback',
  podCidr: '10.244.1.0/24',
  serviceCidr: '10.96.0.0/12',
} as const;

test('two clusters on one machine give their Pods different addresses', async () => {
  await using one = await createPodNetwork(options);
  await using two = await createPodNetwork(options);
  const addresses = [
    (await one.attach({ uid: 'a', pid: 0 })).ip,
    (await one.attach({ uid: 'b', pid: 0 })).ip,
    (await two.attach({ uid: 'a', pid: 0 })).ip,
    one.nodeAddress,
    one.balancerAddress,
    two.nodeAddress,
    two.balancerAddress,
  ];
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(addresses.every((address) => address.startsWith('127.77.'))).toBe(true);
});

test('a Pod keeps its address until it is detached, and can be listened on', async () => {
  await using network = await createPodNetwork(options);
  const first = await network.attach({ uid: 'a', pid: 0 });
  expect(await network.attach({ uid: 'a', pid: 0 })).toEqual(first);
  const server = createServer().listen({ host: first.ip, port: 0 });
  await once(server, 'listening');
  server.close();
  await network.detach('a');
  expect(await network.attach({ uid: 'a', pid: 0 })).not.toEqual(first);
});

test('a ClusterIP answers at the loopback address of the same number', () => {
  expect(loopbackServiceAddress('10.96.0.10')).toBe('127.96.0.10');
  expect(loopbackServiceAddress('10.111.255.254')).toBe('127.111.255.254');
});
