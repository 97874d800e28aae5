import { createBridgeNetwork } from './bridge-network.ts';
import { createLoopbackNetwork } from './loopback-network.ts';
import type { PodNetwork, PodNetworkOptions } from './pod-network.ts';

export type { Level, PodNetwork, PodNetworkOptions } from './pod-network.ts';

/** Brings the node's network up; at level `namespaces` inside the process's own network namespace. */
export function createPodNetwork(options: PodNetworkOptions): Promise<PodNetwork> {
  return options.level === 'namespaces' ? createBridgeNetwork(options) : createLoopbackNetwork();
}
