import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api.ts';
import { metaOf } from '../object-meta.ts';
import { TestCluster } from '../test-cluster.ts';

const namespace = 'default';

function configMap(
  cluster: TestCluster,
  name: string,
  owners: readonly KubeObject[] = [],
  { block = false, finalizers = [] }: { block?: boolean; finalizers?: string[] } = {},
): KubeObject {
  return cluster.api.create('configmaps', {
    metadata: {
      name,
      namespace,
      finalizers,
      ownerReferences: owners.map((owner) => ({
        apiVersion: owner.apiVersion ?? '',
        kind: owner.kind ?? '',
        name: metaOf(owner).name,
        uid: metaOf(owner).uid,
        ...(block && { blockOwnerDeletion: true }),
      })),
    },
  });
}

function has(cluster: TestCluster, name: string): boolean {
  return cluster.api.get('configmaps', { namespace, name }) !== undefined;
}

function owners(cluster: TestCluster, name: string): unknown {
  const references = cluster.api.get('configmaps', { namespace, name })?.metadata?.ownerReferences;
  return references?.map((reference) => reference.name);
}

describe('the garbage collector', () => {
  it('deletes a Deployment, its ReplicaSets and their Pods in the background', async () => {
    await using cluster = new TestCluster();
    cluster.deploy('web');
    await cluster.settle();
    cluster.api.delete(
      'deployments',
      { namespace, name: 'web' },
      { propagationPolicy: 'Background' },
    );
    expect(cluster.deployment('web')).toBeUndefined();
    await cluster.settle();
    expect([cluster.replicaSets(), cluster.pods()]).toEqual([[], []]);
    expect(cluster.errors).toEqual([]);
  });

  it('deletes dependents first in the foreground', async () => {
    await using cluster = new TestCluster();
    cluster.deploy('web');
    await cluster.settle();
    const gone: string[] = [];
    const watch = (resource: string) =>
      cluster.api.watch(resource, ({ type }) => void (type === 'DELETED' && gone.push(resource)));
    using _deployments = watch('deployments');
    using _sets = watch('replicasets');
    using _pods = watch('pods');
    cluster.api.delete(
      'deployments',
      { namespace, name: 'web' },
      { propagationPolicy: 'Foreground' },
    );
    expect(cluster.deployment('web')?.metadata?.finalizers).toEqual(['foregroundDeletion']);
    await cluster.settle();
    expect(gone).toEqual(['pods', 'pods', 'replicasets', 'deployments']);
    expect(cluster.errors).toEqual([]);
  });

  it('does not wait in the foreground for dependents that do not block', async () => {
    await using cluster = new TestCluster();
    const owner = configMap(cluster, 'owner');
    configMap(cluster, 'held', [owner], { finalizers: ['test/hold'] });
    cluster.api.delete(
      'configmaps',
      { namespace, name: 'owner' },
      { propagationPolicy: 'Foreground' },
    );
    await cluster.settle();
    expect(has(cluster, 'owner')).toBe(false);
    expect(has(cluster, 'held')).toBe(true);
  });

  it('lets dependents go when asked to orphan them', async () => {
    await using cluster = new TestCluster();
    const owner = configMap(cluster, 'owner');
    configMap(cluster, 'orphan', [owner], { block: true });
    cluster.api.delete('configmaps', { namespace, name: 'owner' }, { propagationPolicy: 'Orphan' });
    await cluster.settle();
    expect(has(cluster, 'owner')).toBe(false);
    expect(has(cluster, 'orphan')).toBe(true);
    expect(owners(cluster, 'orphan')).toBeUndefined();
  });

  it('keeps what still has an owner, and forgets the owner that is gone', async () => {
    await using cluster = new TestCluster();
    const [first, second] = [configMap(cluster, 'first'), configMap(cluster, 'second')];
    configMap(cluster, 'shared', [first, second], { block: true });
    cluster.api.delete(
      'configmaps',
      { namespace, name: 'first' },
      { propagationPolicy: 'Foreground' },
    );
    await cluster.settle();
    expect(has(cluster, 'first')).toBe(false);
    expect(owners(cluster, 'shared')).toEqual(['second']);
  });

  it('deletes what names an owner that is not there, or not that one', async () => {
    await using cluster = new TestCluster();
    const owner = configMap(cluster, 'owner');
    const namesake = { ...owner, metadata: { ...owner.metadata, uid: 'other' } };
    configMap(cluster, 'of-namesake', [namesake]);
    configMap(cluster, 'of-owner', [owner]);
    await cluster.settle();
    expect(has(cluster, 'of-namesake')).toBe(false);
    expect(has(cluster, 'of-owner')).toBe(true);
  });

  it('keeps what names an owner of a kind that nobody serves', async () => {
    await using cluster = new TestCluster();
    const owner = {
      apiVersion: 'example.com/v1',
      kind: 'Gadget',
      metadata: { name: 'x', uid: 'y' },
    };
    configMap(cluster, 'kept', [owner]);
    await cluster.settle();
    expect(has(cluster, 'kept')).toBe(true);
  });

  it('does not wait for ever on a circle', async () => {
    await using cluster = new TestCluster();
    const first = configMap(cluster, 'first');
    const second = configMap(cluster, 'second', [first], { block: true });
    cluster.patch('configmaps', 'first', {
      metadata: {
        ownerReferences: [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            name: 'second',
            uid: metaOf(second).uid,
            blockOwnerDeletion: true,
          },
        ],
      },
    });
    await cluster.settle();
    cluster.api.delete(
      'configmaps',
      { namespace, name: 'first' },
      { propagationPolicy: 'Foreground' },
    );
    await cluster.settle();
    expect([has(cluster, 'first'), has(cluster, 'second')]).toEqual([false, false]);
  });
});
