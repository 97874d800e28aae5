import { describe, expect, it } from 'vitest';
import { metaOf } from '../object-meta.ts';
import { endpointsPodNames, slicePodNames, TestCluster } from '../test-cluster.ts';

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
function managerOf(slice: { metadata?: { labels?: Record<string, string> } }): string | undefined {
  return slice.metadata?.labels?.[MANAGED_BY];
}

function mirroredOf(cluster: TestCluster, service: string) {
  return cluster
    .slices(service)
    .filter((slice) => managerOf(slice) === 'endpointslicemirroring-controller.k8s.io');
}

function ownOf(cluster: TestCluster, service: string) {
  return cluster
    .slices(service)
    .filter((slice) => managerOf(slice) === 'endpointslice-controller.k8s.io');
}

async function withTwoPods(spec = {}): Promise<TestCluster> {
  const cluster = new TestCluster();
  cluster.serve('web', spec);
  cluster.addPod('a', { labels: { app: 'web' }, ip: '10.244.0.2' });
  cluster.addPod('b', { labels: { app: 'web' }, ip: '10.244.0.3' });
  await cluster.settle();
  return cluster;
}

describe('a Service that loses its selector', () => {
  async function withoutSelector(): Promise<TestCluster> {
    const cluster = await withTwoPods();
    cluster.patch('services', 'web', { spec: { selector: null } });
    await cluster.settle();
    return cluster;
  }

  it('keeps its slice, frozen, and gets a second one that mirrors the Endpoints', async () => {
    await using cluster = await withoutSelector();
    const [frozen] = ownOf(cluster, 'web');
    const [mirrored] = mirroredOf(cluster, 'web');
    expect(mirrored).toMatchObject({
      metadata: {
        generateName: 'web-',
        labels: {
          'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
          'kubernetes.io/service-name': 'web',
        },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name: 'web', controller: true }],
      },
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    });
    expect(mirrored?.metadata?.annotations).toBeUndefined();
    expect(mirrored?.endpoints[0]?.conditions).toEqual({ ready: true });
    cluster.setReady('a', false);
    cluster.addPod('c', { labels: { app: 'web' } });
    await cluster.advance(5000);
    expect(ownOf(cluster, 'web')).toEqual([frozen]);
    expect(endpointsPodNames(cluster.endpoints('web'))).toEqual(['a', 'b']);
  });

  it('has the mirrored slice follow edits of the Endpoints while the frozen one stays', async () => {
    await using cluster = await withoutSelector();
    const { subsets } = cluster.endpoints('web')!;
    const [subset] = subsets ?? [];
    cluster.patch('endpoints', 'web', {
      subsets: [{ ...subset, addresses: subset?.addresses?.slice(1) }],
    });
    await cluster.settle();
    expect(slicePodNames(mirroredOf(cluster, 'web'))).toEqual(['b']);
    expect(slicePodNames(ownOf(cluster, 'web'))).toEqual(['a', 'b']);
  });

  it('lets the frozen slice be edited or deleted for good', async () => {
    await using cluster = await withoutSelector();
    const { name } = metaOf(ownOf(cluster, 'web')[0]!);
    cluster.patch('endpointslices', name, { endpoints: [] });
    await cluster.advance(20_000);
    expect(slicePodNames(ownOf(cluster, 'web'))).toEqual([]);
    cluster.api.delete('endpointslices', { namespace: 'default', name });
    await cluster.advance(20_000);
    expect(ownOf(cluster, 'web')).toEqual([]);
  });

  it('loses the mirrored slice with the Endpoints, and with the label skip-mirror', async () => {
    await using cluster = await withoutSelector();
    cluster.patch('endpoints', 'web', {
      metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    });
    await cluster.settle();
    expect(mirroredOf(cluster, 'web')).toEqual([]);
    cluster.patch('endpoints', 'web', {
      metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': null } },
    });
    await cluster.settle();
    expect(mirroredOf(cluster, 'web')).toHaveLength(1);
    cluster.api.delete('endpoints', { namespace: 'default', name: 'web' });
    await cluster.settle();
    expect(mirroredOf(cluster, 'web')).toEqual([]);
    expect(slicePodNames(ownOf(cluster, 'web'))).toEqual(['a', 'b']);
  });

  it.each([['kept'], ['deleted']])(
    'is whole again when the selector returns, its slice %s',
    async (fate) => {
      await using cluster = await withoutSelector();
      if (fate === 'deleted')
        cluster.api.delete('endpointslices', metaOf(ownOf(cluster, 'web')[0]!));
      const [subset] = cluster.endpoints('web')?.subsets ?? [];
      cluster.patch('endpoints', 'web', {
        subsets: [{ ...subset, addresses: subset?.addresses?.slice(1) }],
      });
      cluster.addPod('c', { labels: { app: 'web' } });
      await cluster.settle();
      cluster.patch('services', 'web', { spec: { selector: { app: 'web' } } });
      await cluster.settle();
      expect(endpointsPodNames(cluster.endpoints('web'))).toEqual(['a', 'b', 'c']);
      expect(slicePodNames(cluster.slices('web'))).toEqual(['a', 'b', 'c']);
      expect(mirroredOf(cluster, 'web')).toEqual([]);
      expect(cluster.errors).toEqual([]);
    },
  );
});
