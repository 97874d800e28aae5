import { ClusterError } from './cluster-error.ts';
import type { ClusterOptions } from './cluster-options.ts';

/** Refuses options that no machine could meet, before anything is made; throws `option-invalid`. */
export function requireSense(options: ClusterOptions): void {
  const { nodes = 2, kubernetesVersion = '1.36.2', apiPort = 0, level, proxyMode } = options;
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 50) {
    refuse(`a cluster cannot have ${nodes} nodes`, 'ask for 1 to 50 nodes');
  }
  if (!/^1\.(?:2[7-9]|3[0-6])(?:\.\d+)?$/.test(kubernetesVersion)) {
    refuse(`cannot answer as Kubernetes ${kubernetesVersion}`, 'ask for one of 1.27 to 1.36');
  }
  if (!Number.isInteger(apiPort) || apiPort < 0 || apiPort > 65_535) {
    refuse(`${apiPort} is no port`, 'ask for one of 1 to 65535, or for none to get any free one');
  }
  if (proxyMode === 'nftables' && (level === 'loopback' || level === 'plain')) {
    refuse(
      `proxy mode nftables cannot be had at level ${level}, which has no network of its own`,
      'ask for proxy mode userspace, or for level namespaces or user',
    );
  }
}

function refuse(message: string, hint: string): never {
  throw new ClusterError('option-invalid', message, { hint });
}
