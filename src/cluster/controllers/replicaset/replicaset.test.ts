import { describe, expect, it } from 'vitest';
import { controllerOf, metaOf } from '../object-meta.ts';
import { endpointsPodNames, slicePodNames, TestCluster } from '../test-cluster.ts';

async function running(options: { readonly image?: string } = {}) {
  const cluster = new TestCluster();
  cluster.serve('web');
  cluster.deploy('web', options);
  await cluster.settle();
  return cluster;
}

const COST = 'controller.kubernetes.io/pod-deletion-cost';

describe('a ReplicaSet', () => {
  it('runs as many Pods as its Deployment wants, owned, named and announced', async () => {
    await using cluster = await running();
    const [set] = cluster.replicaSets();
    const pods = cluster.pods();
    expect(pods).toHaveLength(2);
    expect(metaOf(pods[0]!).name).toMatch(/^web-[b-z0-9]{8,10}-[b-z0-9]{5}$/);
    expect(controllerOf(pods[0]!)).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      uid: set?.metadata?.uid,
      blockOwnerDeletion: true,
    });
    expect(set?.status).toMatchObject({
      replicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      fullyLabeledReplicas: 2,
      terminatingReplicas: 0,
      observedGeneration: 1,
    });
    const created = cluster.events().filter(({ reason }) => reason === 'SuccessfulCreate');
    expect(new Set(created.map(({ message }) => message))).toEqual(
      new Set(pods.map((pod) => `Created pod: ${metaOf(pod).name}`)),
    );
    expect(pods[0]?.metadata?.managedFields?.[0]?.manager).toBe('kube-controller-manager');
    expect(cluster.errors).toEqual([]);
  });

  it('lets a relabelled Pod go, replaces it, and takes it back', async () => {
    await using cluster = await running();
    await cluster.advance(60_000);
    const { name } = metaOf(cluster.pods()[0]!);
    cluster.patch('pods', name, { metadata: { labels: { app: 'quarantine' } } });
    await cluster.settle();
    expect(controllerOf(cluster.pod(name))).toBeUndefined();
    expect(cluster.pods('app=web')).toHaveLength(2);
    expect(slicePodNames(cluster.slices('web'))).not.toContain(name);
    expect(endpointsPodNames(cluster.endpoints('web'))).not.toContain(name);

    await cluster.advance(1000);
    cluster.patch('pods', name, { metadata: { labels: { app: 'web' } } });
    await cluster.settle();
    const [set] = cluster.replicaSets();
    expect(controllerOf(cluster.pod(name))?.uid).toBe(set?.metadata?.uid);
    expect(cluster.pods('app=web')).toHaveLength(2);
    expect(slicePodNames(cluster.slices('web'))).toEqual(
      cluster.pods('app=web').map((pod) => metaOf(pod).name),
    );
  });

  it('kills the one of lower deletion cost when a Pod returns', async () => {
    await using cluster = await running();
    const { name } = metaOf(cluster.pods()[0]!);
    cluster.patch('pods', name, { metadata: { labels: { app: 'quarantine' } } });
    await cluster.settle();
    cluster.patch('pods', name, {
      metadata: { labels: { app: 'web' }, annotations: { [COST]: '1000' } },
    });
    await cluster.settle();
    expect(cluster.hasPod(name)).toBe(true);
    expect(cluster.pods('app=web')).toHaveLength(2);
  });

  it('kills an unready Pod first, whatever it costs', async () => {
    await using cluster = await running();
    const { name } = metaOf(cluster.pods()[0]!);
    cluster.patch('pods', name, { metadata: { labels: { app: 'quarantine' } } });
    await cluster.settle();
    cluster.setReady(name, false);
    cluster.patch('pods', name, {
      metadata: { labels: { app: 'web' }, annotations: { [COST]: '1000' } },
    });
    await cluster.settle();
    expect(cluster.hasPod(name)).toBe(false);
    expect(cluster.pods('app=web')).toHaveLength(2);
  });

  it('kills a Pod that returns to a revision rolled out of', async () => {
    await using cluster = await running();
    const { name } = metaOf(cluster.pods()[0]!);
    cluster.patch('pods', name, { metadata: { labels: { app: 'quarantine' } } });
    await cluster.settle();
    cluster.patch('deployments', 'web', {
      spec: { template: { metadata: { annotations: { restartedAt: 'now' } } } },
    });
    await cluster.settle();
    expect(cluster.hasPod(name)).toBe(true);
    cluster.patch('pods', name, {
      metadata: { labels: { app: 'web' }, annotations: { [COST]: '1000' } },
    });
    await cluster.settle();
    expect(cluster.hasPod(name)).toBe(false);
    expect(cluster.pods('app=web')).toHaveLength(2);
  });

  it('does not start more Pods than wanted when many fail and come at once', async () => {
    await using cluster = await running();
    let most = 0;
    using _watch = cluster.api.watch('pods', () => {
      const alive = cluster.pods('app=web').filter(({ metadata }) => !metadata?.deletionTimestamp);
      most = Math.max(most, alive.length);
    });
    cluster.patch('deployments', 'web', { spec: { replicas: 30 } });
    await cluster.settle();
    for (const pod of cluster.pods('app=web').slice(0, 10)) {
      cluster.api.delete('pods', metaOf(pod));
    }
    await cluster.settle();
    expect(cluster.pods('app=web')).toHaveLength(30);
    expect(most).toBe(30);
  });
});

describe('a ReplicationController', () => {
  it('does the same with its plainer selector', async () => {
    await using cluster = new TestCluster();
    const metadata = { namespace: 'default', name: 'rc' };
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'web:1' }] },
    };
    cluster.addPod('orphan', { labels: { app: 'web' } });
    cluster.api.create('replicationcontrollers', {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata,
      spec: { replicas: 2, selector: { app: 'web' }, template },
    });
    await cluster.settle();
    expect(cluster.pods()).toHaveLength(2);
    expect(controllerOf(cluster.pod('orphan'))).toMatchObject({
      apiVersion: 'v1',
      kind: 'ReplicationController',
    });
    cluster.patch('pods', 'orphan', { metadata: { labels: { app: 'other' } } });
    await cluster.settle();
    expect(cluster.pods('app=web')).toHaveLength(2);
    expect(cluster.api.get('replicationcontrollers', metadata)).toMatchObject({
      status: { replicas: 2, readyReplicas: 2, observedGeneration: 1 },
    });
    cluster.patch('replicationcontrollers', 'rc', { spec: { replicas: 0 } });
    await cluster.settle();
    expect(cluster.pods('app=web')).toEqual([]);
    expect(cluster.errors).toEqual([]);
  });
});
