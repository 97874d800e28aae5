import { describe, expect, it } from 'vitest';
import { metaOf } from '../object-meta.ts';
import { endpointsPodNames, slicePodNames, TestCluster } from '../test-cluster.ts';

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

function managerOf(slice: { metadata?: { labels?: Record<string, string> } }): string | undefined {
  return slice.metadata?.labels?.[MANAGED_BY];
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

describe('a Service with a selector', () => {
  it('has Endpoints and a slice as a real cluster writes them', async () => {
    await using cluster = await withTwoPods();
    const [service] = cluster.api.list('services', { namespace: 'default' });
    const pod = metaOf(cluster.pod('a'));
    expect(cluster.endpoints('web')).toMatchObject({
      metadata: {
        labels: { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
        annotations: { [TRIGGER_TIME]: '2026-11-23T12:00:00Z' },
      },
      subsets: [
        {
          addresses: [
            {
              ip: '10.244.0.2',
              nodeName: 'node1',
              targetRef: { kind: 'Pod', namespace: 'default', name: 'a', uid: pod.uid },
            },
            { ip: '10.244.0.3' },
          ],
          ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        },
      ],
    });
    expect(cluster.endpoints('web')?.metadata?.ownerReferences).toBeUndefined();
    const [slice] = cluster.slices('web');
    expect(cluster.slices('web')).toHaveLength(1);
    expect(slice).toMatchObject({
      metadata: {
        generateName: 'web-',
        labels: {
          [MANAGED_BY]: 'endpointslice-controller.k8s.io',
          'kubernetes.io/service-name': 'web',
        },
        ownerReferences: [
          {
            apiVersion: 'v1',
            kind: 'Service',
            name: 'web',
            uid: service?.metadata?.uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    });
    expect(slice?.endpoints[0]).toEqual({
      addresses: ['10.244.0.2'],
      conditions: { ready: true, serving: true, terminating: false },
      targetRef: { kind: 'Pod', namespace: 'default', name: 'a', uid: pod.uid },
      nodeName: 'node1',
    });
    expect(cluster.errors).toEqual([]);
  });

  it('lists an unready Pod as not ready in both', async () => {
    await using cluster = await withTwoPods();
    cluster.setReady('a', false);
    await cluster.settle();
    const [subset] = cluster.endpoints('web')?.subsets ?? [];
    expect(subset?.notReadyAddresses?.map(({ ip }) => ip)).toEqual(['10.244.0.2']);
    expect(slicePodNames(cluster.slices('web'), { ready: false })).toEqual(['a']);
  });

  it('lists a terminating Pod in the slice only, serving but not ready', async () => {
    await using cluster = await withTwoPods();
    cluster.api.delete('pods', { namespace: 'default', name: 'a' });
    await cluster.settle();
    expect(endpointsPodNames(cluster.endpoints('web'))).toEqual(['b']);
    const [endpoint] = cluster.slices('web')[0]?.endpoints ?? [];
    expect(endpoint?.conditions).toEqual({ ready: false, serving: true, terminating: true });
    cluster.api.delete('pods', { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(cluster.slices('web')[0]?.endpoints).toHaveLength(1);
  });

  it('with publishNotReadyAddresses lists unready and terminating Pods as ready in both', async () => {
    await using cluster = await withTwoPods({ publishNotReadyAddresses: true });
    cluster.setReady('a', false);
    cluster.api.delete('pods', { namespace: 'default', name: 'b' });
    await cluster.settle();
    expect(endpointsPodNames(cluster.endpoints('web'))).toEqual(['a', 'b']);
    expect(slicePodNames(cluster.slices('web'))).toEqual(['a', 'b']);
  });

  it('omits a Pod without the named port from Endpoints, and lists it without that port in a slice', async () => {
    await using cluster = await withTwoPods({
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'web' }],
    });
    const named = (containerPort: number) => [{ name: 'web', containerPort, protocol: 'TCP' }];
    cluster.addPod('c', { labels: { app: 'web' }, ports: named(8080) });
    cluster.addPod('d', { labels: { app: 'web' }, ports: named(9090) });
    await cluster.settle();
    expect(endpointsPodNames(cluster.endpoints('web'))).toEqual(['c', 'd']);
    expect(cluster.endpoints('web')?.subsets).toHaveLength(2);
    const byPort = cluster
      .slices('web')
      .map((slice) => [slice.ports?.[0]?.port, slicePodNames([slice])] as const);
    expect(byPort.sort(([a = 0], [b = 0]) => a - b)).toEqual([
      [undefined, ['a', 'b']],
      [8080, ['c']],
      [9090, ['d']],
    ]);
  });

  it('always has a slice, an empty one when it selects nothing', async () => {
    await using cluster = new TestCluster();
    cluster.serve('web');
    await cluster.settle();
    const [placeholder] = cluster.slices('web');
    expect(placeholder?.endpoints ?? []).toEqual([]);
    cluster.addPod('a', { labels: { app: 'web' } });
    await cluster.settle();
    const slices = cluster.slices('web');
    expect(slices.map(({ metadata }) => metadata?.name)).toEqual([placeholder?.metadata?.name]);
    expect(slicePodNames(slices)).toEqual(['a']);
  });

  it('spreads 250 endpoints over slices of at most 100 and keeps them where they are', async () => {
    await using cluster = new TestCluster();
    for (let index = 0; index < 250; index += 1)
      cluster.addPod(`p${index}`, { labels: { app: 'web' } });
    cluster.serve('web');
    await cluster.settle();
    const sizes = () =>
      cluster
        .slices('web')
        .map(({ endpoints }) => endpoints.length)
        .sort((a, b) => a - b);
    expect(sizes()).toEqual([50, 100, 100]);
    expect(new Set(slicePodNames(cluster.slices('web'))).size).toBe(250);

    const before = new Map(cluster.slices('web').map((slice) => [slice.metadata?.name, slice]));
    cluster.setReady('p7', false);
    await cluster.settle();
    const changed = cluster
      .slices('web')
      .filter((slice) => slice !== before.get(slice.metadata?.name));
    expect(changed).toHaveLength(1);
    expect(sizes()).toEqual([50, 100, 100]);
  });

  it('keeps no more than 1,000 addresses in Endpoints and says so', async () => {
    await using cluster = new TestCluster();
    for (let index = 0; index < 1005; index += 1) {
      cluster.addPod(`p${index}`, { labels: { app: 'web' }, ready: index >= 10 });
    }
    cluster.serve('web');
    await cluster.settle();
    const { metadata, subsets } = cluster.endpoints('web') ?? {};
    expect(subsets?.[0]?.addresses).toHaveLength(995);
    expect(subsets?.[0]?.notReadyAddresses).toHaveLength(5);
    expect(metadata?.annotations?.['endpoints.kubernetes.io/over-capacity']).toBe('truncated');
    for (let index = 0; index < 10; index += 1) {
      cluster.api.delete(
        'pods',
        { namespace: 'default', name: `p${index}` },
        { gracePeriodSeconds: 0 },
      );
    }
    await cluster.settle();
    const { annotations = {} } = cluster.endpoints('web')?.metadata ?? {};
    expect(annotations).not.toHaveProperty(['endpoints.kubernetes.io/over-capacity']);
  });

  it('writes nothing when nothing changed', async () => {
    await using cluster = await withTwoPods();
    const before = [cluster.endpoints('web'), ...cluster.slices('web')];
    cluster.patch('pods', 'a', { metadata: { annotations: { note: 'x' } } });
    cluster.patch('services', 'web', { metadata: { annotations: { note: 'x' } } });
    await cluster.settle();
    expect([cluster.endpoints('web'), ...cluster.slices('web')]).toEqual(before);
  });

  it('undoes a foreign edit of its slice after a second, and none of its Endpoints until the Service changes', async () => {
    await using cluster = await withTwoPods();
    const { name } = metaOf(cluster.slices('web')[0]!);
    cluster.patch('endpointslices', name, {
      endpoints: cluster.slices('web')[0]!.endpoints.slice(1),
    });
    cluster.patch('endpoints', 'web', {
      subsets: [
        {
          addresses: [{ ip: '10.244.0.3' }],
          ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        },
      ],
    });
    await cluster.advance(900);
    expect(slicePodNames(cluster.slices('web'))).toEqual(['b']);
    await cluster.advance(200);
    expect(slicePodNames(cluster.slices('web'))).toEqual(['a', 'b']);
    await cluster.advance(15_000);
    expect(cluster.endpoints('web')?.subsets?.[0]?.addresses).toHaveLength(1);
    cluster.patch('services', 'web', { metadata: { annotations: { note: 'x' } } });
    await cluster.settle();
    expect(endpointsPodNames(cluster.endpoints('web'))).toEqual(['a', 'b']);
  });

  it('puts deleted Endpoints and slices back', async () => {
    await using cluster = await withTwoPods();
    cluster.api.delete('endpoints', { namespace: 'default', name: 'web' });
    cluster.api.delete('endpointslices', metaOf(cluster.slices('web')[0]!));
    await cluster.advance(1000);
    expect(endpointsPodNames(cluster.endpoints('web'))).toEqual(['a', 'b']);
    expect(slicePodNames(cluster.slices('web'))).toEqual(['a', 'b']);
  });

  it('wipes foreign labels off its Endpoints and carries its own over', async () => {
    await using cluster = await withTwoPods({ clusterIP: 'None' });
    cluster.patch('endpoints', 'web', { metadata: { labels: { mine: 'x' } } });
    cluster.patch('services', 'web', { metadata: { labels: { team: 'shop' } } });
    await cluster.settle();
    const expected = { team: 'shop', 'service.kubernetes.io/headless': '' };
    expect(cluster.endpoints('web')?.metadata?.labels).toEqual({
      ...expected,
      'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
    });
    expect(cluster.slices('web')[0]?.metadata?.labels).toMatchObject(expected);
  });

  it('leaves slices of others alone', async () => {
    await using cluster = await withTwoPods();
    cluster.api.create('endpointslices', {
      metadata: {
        name: 'foreign',
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': 'web', [MANAGED_BY]: 'someone.example' },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.1.1'] }],
      ports: [],
    });
    cluster.setReady('a', false);
    await cluster.advance(2000);
    expect(
      cluster.slices('web').find(({ metadata }) => metadata?.name === 'foreign'),
    ).toBeDefined();
    expect(ownOf(cluster, 'web')).toHaveLength(1);
  });

  it('recommends each endpoint to its zone when the Service asks for it', async () => {
    await using cluster = new TestCluster();
    cluster.addNode('node2', 'north');
    cluster.serve('web', { trafficDistribution: 'PreferClose' });
    cluster.api.create('pods', {
      metadata: { name: 'n', namespace: 'default', labels: { app: 'web', 'test/by-hand': '' } },
      spec: { nodeName: 'node2', containers: [{ name: 'web', image: 'web:1' }] },
    });
    cluster.setReady('n', true, '10.244.0.9');
    await cluster.settle();
    expect(cluster.slices('web')[0]?.endpoints[0]).toMatchObject({
      zone: 'north',
      hints: { forZones: [{ name: 'north' }] },
    });
  });
});

describe('a Service that goes', () => {
  it('takes Endpoints and slices with it', async () => {
    await using cluster = await withTwoPods();
    cluster.api.delete('services', { namespace: 'default', name: 'web' });
    await cluster.settle();
    expect(cluster.endpoints('web')).toBeUndefined();
    expect(cluster.slices('web')).toEqual([]);
  });
});
