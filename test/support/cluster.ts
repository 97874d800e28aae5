import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { Cluster, type ClusterOptions } from '../../src/cluster/index.ts';
import { connect, type Kube } from '../../src/kube/index.ts';
import { givenKubeconfig, givenUserKubeconfig, removeNamespaces } from './target-cluster.ts';

/**
 * One embedded cluster for a test file, with a connection to it; both end with the file. Where a
 * cluster was given (`npm run e2e -- --kubeconfig FILE`) it is that one, and `cluster` is not there.
 */
export function useCluster(options: ClusterOptions = {}): {
  readonly cluster: Cluster;
  readonly kube: Kube;
  /** Whether what only the embedded cluster has (faults, users, node ports of this machine) is there. */
  readonly embedded: boolean;
  readonly kubeconfigPath: string;
  /** Whoever runs sessions: of a given cluster perhaps a user who may do nothing else, else as `kube`. */
  readonly user: Kube;
  readonly userKubeconfigPath: string;
} {
  const held = new AsyncDisposableStack();
  let cluster: Cluster | undefined;
  let kube: Kube | undefined;
  let user: Kube | undefined;
  beforeAll(async () => {
    if (givenKubeconfig !== undefined) {
      const given = held.use(await connect({ kubeconfig: givenKubeconfig }));
      held.defer(() => removeNamespaces(given));
      kube = given;
      if (givenUserKubeconfig !== undefined) {
        user = held.use(await connect({ kubeconfig: givenUserKubeconfig }));
      }
      return;
    }
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
      if (givenKubeconfig !== undefined) throw new Error('this needs an embedded cluster');
      if (!cluster) throw new Error('the cluster is not up yet');
      return cluster;
    },
    embedded: givenKubeconfig === undefined,
    get kubeconfigPath() {
      return givenKubeconfig ?? this.cluster.kubeconfigPath;
    },
    get user() {
      return user ?? this.kube;
    },
    get userKubeconfigPath() {
      return givenUserKubeconfig ?? this.kubeconfigPath;
    },
    get kube() {
      if (!kube) throw new Error('the cluster is not up yet');
      return kube;
    },
  };
}
