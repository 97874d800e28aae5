import { hasNamespaces } from './level.ts';
import { createLoopbackNetwork } from './loopback-network.ts';
import { createPlainNetwork } from './plain-network.ts';
import type { PodNetwork, PodNetworkOptions } from './pod-network.ts';
import { createRoutedNetwork } from './routed-network.ts';

export { hasNamespaces, type Level, levels, limitsOf } from './level.ts';
export { balancerAddress } from './routed-network.ts';
export type { NodeNetwork, PodNetwork, PodNetworkOptions } from './pod-network.ts';

/** Brings the network up; with namespaces inside the process's own network namespace. */
export async function createPodNetwork(options: PodNetworkOptions): Promise<PodNetwork> {
  if (hasNamespaces(options.level)) return await createRoutedNetwork(options);
  const nodeCount = options.podCidrs.length;
  return options.level === 'loopback'
    ? await createLoopbackNetwork(nodeCount)
    : createPlainNetwork(nodeCount);
}
