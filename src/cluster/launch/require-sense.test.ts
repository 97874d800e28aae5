import { expect, it } from 'vitest';
import { requireSense } from './require-sense.ts';

it.each([
  [{ nodes: 0 }, 'a cluster cannot have 0 nodes'],
  [{ nodes: 51 }, 'a cluster cannot have 51 nodes'],
  [{ kubernetesVersion: '1.26' }, 'cannot answer as Kubernetes 1.26'],
  [{ apiPort: 65_536 }, '65536 is no port'],
  [
    { level: 'loopback', proxyMode: 'nftables' },
    'proxy mode nftables cannot be had at level loopback',
  ],
] as const)('%o is refused', (options, message) => {
  expect(() => requireSense(options)).toThrow(message);
});

it('what a machine may be able to do passes', () => {
  const whole = {
    nodes: 50,
    kubernetesVersion: '1.27',
    apiPort: 6443,
    proxyMode: 'nftables',
  } as const;
  for (const options of [{}, whole]) expect(() => requireSense(options)).not.toThrow();
});
