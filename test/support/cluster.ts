import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { Cluster, type ClusterOptions } from '../../src/cluster/index.ts';
import { connect, type Kube } from '../../src/kube/index.ts';

/** One embedded cluster for a test file, with a connection to it; both end with the file. */
export function useCluster(options: ClusterOptions = {}): {
  readonly cluster: Cluster;
  readonly kube: Kube;
} {
  const held = new AsyncDisposableStack();
  let cluster: Cluster | undefined;
  let kube: Kube | undefined;
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pitstop-test-'));
    held.defer(() => rm(directory, { recursive: true, force: true }));
    cluster = held.use(
      await Cluster.start({
        name: `test-${randomBytes(4).toString('hex')}`,
        directory: join(directory, 'cluster'),
        ...options,
      }),
    );
    kube = held.use(await connect({ kubeconfig: cluster.kubeconfigPath }));
  });
  afterAll(() => held.disposeAsync());
  return {
    get cluster() {
      if (!cluster) throw new Error('the cluster is not up yet');
      return cluster;
    },
    get kube() {
      if (!kube) throw new Error('the cluster is not up yet');
      return kube;
    },
  };
}
