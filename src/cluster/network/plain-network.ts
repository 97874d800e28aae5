import { networkInterfaces } from 'node:os';
import type { NodeNetwork, PodNetwork } from './pod-network.ts';

const shared = '127.0.0.1';

/**
 * 127.0.0.1 for everything, where a system answers at no other address by itself. A Pod gets an
 * address of its own as long as there is a free one that the user has added to the loopback
 * interface (on macOS `sudo ifconfig lo0 alias 127.77.0.2`); all others share.
 */
export function createPlainNetwork(nodeCount: number): PodNetwork {
  const attached = new Map<string, string>();
  const node: NodeNetwork = {
    podCidr: '127.0.0.0/8',
    nodeAddress: shared,
    attach({ uid }) {
      const taken = new Set(attached.values());
      const ip = attached.get(uid) ?? added().find((address) => !taken.has(address)) ?? shared;
      attached.set(uid, ip);
      return Promise.resolve({ ip });
    },
    detach(uid) {
      attached.delete(uid);
      return Promise.resolve();
    },
  };
  return {
    level: 'plain',
    nodes: Array.from({ length: nodeCount }, () => node),
    apiAddress: shared,
    balancerAddress: shared,
    // A port of a ClusterIP at the one address there is would be the port of something else.
    serviceAddress: () => undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function added(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => address.startsWith('127.') && address !== shared);
}
