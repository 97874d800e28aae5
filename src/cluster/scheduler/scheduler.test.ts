import type { Event, Node, Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { TestCluster } from '../controllers/test-cluster.ts';

const namespace = 'default';

function start(cluster: TestCluster, name: string, spec: Partial<Pod['spec']> = {}): void {
  cluster.api.create<Pod>('pods', {
    metadata: { name, namespace },
    spec: { containers: [{ name: 'web', image: 'web:1' }], ...spec },
  });
}

function patchNode(cluster: TestCluster, name: string, patch: object): void {
  cluster.api.patch<Node>('nodes', { name }, patch, { type: 'merge' });
}

function events(cluster: TestCluster, reason: string): Event[] {
  return cluster.events().filter((event) => event.reason === reason);
}

describe('the scheduler', () => {
  it('binds a Pod to the node and says so as upstream does', async () => {
    await using cluster = new TestCluster();
    start(cluster, 'a');
    await cluster.settle();
    expect(cluster.pod('a').spec?.nodeName).toBe('node1');
    expect(cluster.pod('a').status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'PodScheduled', status: 'True' }),
    );
    expect(events(cluster, 'Scheduled')[0]).toMatchObject({
      involvedObject: { kind: 'Pod', namespace, name: 'a', apiVersion: 'v1' },
      message: 'Successfully assigned default/a to node1',
      type: 'Normal',
      action: 'Binding',
      reportingComponent: 'default-scheduler',
      eventTime: expect.stringMatching(/\.\d{6}Z$/),
    });
    expect(cluster.errors).toEqual([]);
  });

  it('spreads Pods over the nodes', async () => {
    await using cluster = new TestCluster();
    cluster.addNode('node2');
    for (const name of ['a', 'b', 'c', 'd']) start(cluster, name);
    await cluster.settle();
    const nodes = cluster.pods().map(({ spec }) => spec?.nodeName ?? '');
    expect(nodes.sort()).toEqual(['node1', 'node1', 'node2', 'node2']);
  });

  it.each<[string, object, Partial<Pod['spec']>, string]>([
    ['is cordoned', { spec: { unschedulable: true } }, {}, '1 node(s) were unschedulable'],
    [
      'has a taint',
      { spec: { taints: [{ key: 'dedicated', value: 'x', effect: 'NoSchedule' }] } },
      {},
      '1 node(s) had untolerated taint(s)',
    ],
    [
      'is not ready',
      { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      {},
      '1 node(s) had untolerated taint(s)',
    ],
    [
      'lacks a label',
      {},
      { nodeSelector: { disk: 'ssd' } },
      "1 node(s) didn't match Pod's node affinity/selector",
    ],
  ])('waits while the node %s', async (_what, node, spec, reason) => {
    await using cluster = new TestCluster();
    const { status, ...main } = node as { status?: object };
    patchNode(cluster, 'node1', main);
    if (status) {
      cluster.api.patch(
        'nodes',
        { name: 'node1' },
        { status },
        { type: 'merge', subresource: 'status' },
      );
    }
    start(cluster, 'a', spec);
    await cluster.settle();
    const message = `0/1 nodes are available: ${reason}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`;
    expect(cluster.pod('a').status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message,
      }),
    );
    expect(events(cluster, 'FailedScheduling')[0]).toMatchObject({ type: 'Warning', message });
    cluster.addNode('node2');
    patchNode(cluster, 'node2', { metadata: { labels: { disk: 'ssd' } } });
    await cluster.settle();
    expect(cluster.pod('a').spec?.nodeName).toBe('node2');
  });

  it('goes by tolerations', async () => {
    await using cluster = new TestCluster();
    patchNode(cluster, 'node1', {
      spec: { taints: [{ key: 'dedicated', value: 'x', effect: 'NoSchedule' }] },
    });
    start(cluster, 'a', { tolerations: [{ key: 'dedicated', operator: 'Exists' }] });
    start(cluster, 'b', { tolerations: [{ key: 'dedicated', value: 'y' }] });
    await cluster.settle();
    expect(cluster.pods().map(({ spec }) => spec?.nodeName)).toEqual(['node1', undefined]);
  });

  it('places no more Pods than a node takes, until one has gone', async () => {
    await using cluster = new TestCluster();
    cluster.api.patch(
      'nodes',
      { name: 'node1' },
      { status: { allocatable: { pods: '1' } } },
      { type: 'merge', subresource: 'status' },
    );
    start(cluster, 'a');
    start(cluster, 'b');
    await cluster.settle();
    expect(events(cluster, 'FailedScheduling')[0]?.message).toBe(
      '0/1 nodes are available: 1 Too many pods. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    );
    cluster.api.delete('pods', { namespace, name: 'a' });
    await cluster.settle();
    expect(cluster.pod('b').spec?.nodeName).toBe('node1');
  });

  it('counts in a series what it says again of a Pod', async () => {
    await using cluster = new TestCluster();
    patchNode(cluster, 'node1', { spec: { unschedulable: true } });
    start(cluster, 'a');
    await cluster.settle();
    for (const value of ['1', '2', '3']) {
      patchNode(cluster, 'node1', { metadata: { labels: { value } } });
      await cluster.settle();
    }
    // The first one was about the Pod before its status said so.
    expect(events(cluster, 'FailedScheduling').map(({ series }) => series?.count)).toEqual([
      undefined,
      3,
    ]);
  });

  it('leaves Pods alone that another scheduler is to place', async () => {
    await using cluster = new TestCluster();
    start(cluster, 'a', { schedulerName: 'mine' });
    await cluster.settle();
    expect(cluster.pod('a').spec?.nodeName).toBeUndefined();
  });
});
