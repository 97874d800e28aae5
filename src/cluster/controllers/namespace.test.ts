import type { ConfigMap, Namespace } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { TestCluster } from './test-cluster.ts';

const name = 'shop';

function createShop(): TestCluster {
  const cluster = new TestCluster();
  cluster.api.create('namespaces', { metadata: { name } });
  return cluster;
}

describe('a namespace', () => {
  it('has a ServiceAccount and the root certificate, which come back', async () => {
    await using cluster = createShop();
    await cluster.settle();
    const account = { namespace: name, name: 'default' };
    const certificate = { namespace: name, name: 'kube-root-ca.crt' };
    expect(cluster.api.get('serviceaccounts', account)).toBeDefined();
    expect(cluster.api.get<ConfigMap>('configmaps', certificate)?.data).toEqual({
      'ca.crt': 'PEM',
    });
    cluster.api.delete('serviceaccounts', account);
    cluster.api.patch('configmaps', certificate, { data: { 'ca.crt': 'x' } }, { type: 'merge' });
    await cluster.settle();
    expect(cluster.api.get('serviceaccounts', account)).toBeDefined();
    expect(cluster.api.get<ConfigMap>('configmaps', certificate)?.data).toEqual({
      'ca.crt': 'PEM',
    });
    expect(cluster.errors).toEqual([]);
  });

  it('is emptied and goes when it is deleted', async () => {
    await using cluster = createShop();
    cluster.api.create('deployments', {
      metadata: { name: 'web', namespace: name },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'web:1' }] },
        },
      },
    });
    cluster.api.create('services', {
      metadata: { name: 'web', namespace: name },
      spec: {
        type: 'ClusterIP',
        selector: { app: 'web' },
        ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }],
      },
    });
    await cluster.settle();
    expect(cluster.api.list('pods', { namespace: name })).toHaveLength(2);
    cluster.api.delete('namespaces', { name });
    await cluster.settle();
    expect(cluster.api.get('namespaces', { name })).toBeUndefined();
    for (const resource of [
      'pods',
      'replicasets',
      'deployments',
      'services',
      'endpointslices',
      'events',
    ]) {
      expect(cluster.api.list(resource, { namespace: name })).toEqual([]);
    }
    expect(cluster.errors).toEqual([]);
  });

  it('says what it is waiting for', async () => {
    await using cluster = createShop();
    cluster.api.create('configmaps', {
      metadata: { name: 'held', namespace: name, finalizers: ['test/hold'] },
    });
    await cluster.settle();
    cluster.api.delete('namespaces', { name });
    await cluster.settle();
    const { status } = cluster.api.get<Namespace>('namespaces', { name }) ?? {};
    expect(status?.phase).toBe('Terminating');
    expect(status?.conditions?.map(({ type, status, message }) => [type, status, message])).toEqual(
      [
        ['NamespaceDeletionDiscoveryFailure', 'False', 'All resources successfully discovered'],
        [
          'NamespaceDeletionGroupVersionParsingFailure',
          'False',
          'All legacy kube types successfully parsed',
        ],
        [
          'NamespaceDeletionContentFailure',
          'False',
          'All content successfully deleted, may be waiting on finalization',
        ],
        [
          'NamespaceContentRemaining',
          'True',
          'Some resources are remaining: configmaps. has 1 resource instances',
        ],
        [
          'NamespaceFinalizersRemaining',
          'True',
          'Some content in the namespace has finalizers remaining: test/hold in 1 resource instances',
        ],
      ],
    );
    cluster.api.patch(
      'configmaps',
      { namespace: name, name: 'held' },
      { metadata: { finalizers: [] } },
      { type: 'merge' },
    );
    await cluster.settle();
    expect(cluster.api.get('namespaces', { name })).toBeUndefined();
  });

  it('keeps all else until the last Pod is gone', async () => {
    await using cluster = createShop();
    cluster.api.create('pods', {
      metadata: { name: 'held', namespace: name, finalizers: ['test/hold'] },
      spec: { containers: [{ name: 'web', image: 'web:1' }] },
    });
    cluster.api.create('configmaps', { metadata: { name: 'settings', namespace: name } });
    await cluster.settle();
    cluster.api.delete('namespaces', { name });
    await cluster.settle();
    const { status } = cluster.api.get<Namespace>('namespaces', { name }) ?? {};
    const remaining = status?.conditions?.find(({ type }) => type === 'NamespaceContentRemaining');
    expect(remaining?.message).toBe('Some resources are remaining: pods. has 1 resource instances');
    expect(cluster.api.get('configmaps', { namespace: name, name: 'settings' })).toBeDefined();
    cluster.api.patch(
      'pods',
      { namespace: name, name: 'held' },
      { metadata: { finalizers: [] } },
      { type: 'merge' },
    );
    await cluster.settle();
    expect(cluster.api.get('namespaces', { name })).toBeUndefined();
  });
});
