import type { Node, Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { metaOf } from '../object-meta.ts';
import { isPodReady } from '../pod-status.ts';
import { slicePodNames, TestCluster } from '../test-cluster.ts';

const namespace = 'default';

async function twoNodes(): Promise<TestCluster> {
  const cluster = new TestCluster();
  cluster.addNode('node2');
  cluster.serve('web');
  cluster.deploy('web', { replicas: 4 });
  await cluster.settle();
  return cluster;
}

function node(cluster: TestCluster, name: string): Node | undefined {
  return cluster.api.get<Node>('nodes', { name });
}

function ready(cluster: TestCluster, name: string) {
  return node(cluster, name)?.status?.conditions?.find(({ type }) => type === 'Ready');
}

function taints(cluster: TestCluster, name: string): string[] {
  return (node(cluster, name)?.spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
}

function podsOn(cluster: TestCluster, name: string): Pod[] {
  return cluster.pods('app=web').filter(({ spec }) => spec?.nodeName === name);
}

async function lose(cluster: TestCluster, name: string): Promise<void> {
  cluster.loseNode(name);
  for (let second = 0; second < 60; second += 10) await cluster.advance(10_000);
}

function events(cluster: TestCluster, reason: string): number {
  return cluster.events().filter((event) => event.reason === reason).length;
}

describe('a node that is not heard of', () => {
  it('is Unknown after 50 seconds, tainted, and its Pods are not Ready', async () => {
    await using cluster = await twoNodes();
    cluster.loseNode('node2');
    await cluster.advance(49_000);
    expect(ready(cluster, 'node2')?.status).toBe('True');
    await cluster.advance(1_000);
    expect(ready(cluster, 'node2')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    expect(taints(cluster, 'node2')).toEqual([
      'node.kubernetes.io/unreachable:NoSchedule',
      'node.kubernetes.io/unreachable:NoExecute',
    ]);
    const lost = podsOn(cluster, 'node2').map((pod) => metaOf(pod).name);
    expect(lost).toHaveLength(2);
    expect(podsOn(cluster, 'node2').some(isPodReady)).toBe(false);
    expect(slicePodNames(cluster.slices('web'), { ready: false })).toEqual(lost.sort());
    expect(ready(cluster, 'node1')?.status).toBe('True');
    expect(cluster.errors).toEqual([]);
  });

  it('loses its Pods five minutes later; they stay until it is back', async () => {
    await using cluster = await twoNodes();
    await lose(cluster, 'node2');
    await cluster.advance(280_000);
    expect(podsOn(cluster, 'node1')).toHaveLength(2);
    await cluster.advance(20_000);
    expect(podsOn(cluster, 'node1')).toHaveLength(4);
    const leaving = podsOn(cluster, 'node2');
    expect(leaving.map(({ metadata }) => metadata?.deletionTimestamp !== undefined)).toEqual([
      true,
      true,
    ]);
    expect(leaving[0]?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', reason: 'DeletionByTaintManager' }),
    );
    expect(events(cluster, 'TaintManagerEviction')).toBe(2);
    await cluster.advance(3_600_000);
    expect(podsOn(cluster, 'node2')).toHaveLength(2);
  });

  it('is as it was when it comes back in time', async () => {
    await using cluster = await twoNodes();
    const before = cluster.pods('app=web').map((pod) => metaOf(pod).uid);
    await lose(cluster, 'node2');
    cluster.findNode('node2');
    await cluster.settle();
    expect(taints(cluster, 'node2')).toEqual([]);
    await cluster.advance(600_000);
    expect(cluster.pods('app=web').map((pod) => metaOf(pod).uid)).toEqual(before);
  });

  it('keeps its Pods while there is no other that is well', async () => {
    await using cluster = await twoNodes();
    cluster.loseNode('node1');
    await lose(cluster, 'node2');
    expect(taints(cluster, 'node1')).toEqual(['node.kubernetes.io/unreachable:NoSchedule']);
    await cluster.advance(600_000);
    expect(cluster.pods('app=web').some(({ metadata }) => metadata?.deletionTimestamp)).toBe(false);
  });

  it('is not lost when only this process stood still', async () => {
    await using cluster = await twoNodes();
    cluster.loseNode('node1');
    cluster.loseNode('node2');
    await cluster.advance(3_600_000);
    expect(ready(cluster, 'node2')?.status).toBe('True');
    await cluster.advance(50_000);
    expect(ready(cluster, 'node2')?.status).toBe('Unknown');
  });

  it('takes its Pods along when it is deleted, after a while', async () => {
    await using cluster = await twoNodes();
    cluster.loseNode('node2');
    cluster.api.delete('nodes', { name: 'node2' });
    await cluster.advance(39_000);
    expect(podsOn(cluster, 'node2')).toHaveLength(2);
    await cluster.advance(1_000);
    expect(podsOn(cluster, 'node2')).toHaveLength(0);
    expect(podsOn(cluster, 'node1')).toHaveLength(4);
  });
});

describe('taints by condition', () => {
  it('follow cordoning, and leave the taints of others alone', async () => {
    await using cluster = await twoNodes();
    const mine = { key: 'mine', effect: 'NoSchedule' };
    const patch = (spec: object) =>
      cluster.api.patch('nodes', { name: 'node1' }, { spec }, { type: 'merge' });
    patch({ unschedulable: true, taints: [mine] });
    await cluster.settle();
    expect(taints(cluster, 'node1')).toEqual([
      'mine:NoSchedule',
      'node.kubernetes.io/unschedulable:NoSchedule',
    ]);
    patch({ unschedulable: null });
    await cluster.settle();
    expect(taints(cluster, 'node1')).toEqual(['mine:NoSchedule']);
  });
});

describe('a NoExecute taint', () => {
  it('drives out who does not tolerate it, at once or after their seconds, unless it goes', async () => {
    await using cluster = new TestCluster();
    const tolerating = (tolerationSeconds?: number) => ({
      tolerations: [
        {
          key: 'fire',
          operator: 'Exists',
          effect: 'NoExecute',
          ...(tolerationSeconds && { tolerationSeconds }),
        },
      ],
    });
    const specs = { a: {}, b: tolerating(30), c: tolerating(90), d: tolerating() };
    for (const [name, spec] of Object.entries(specs)) {
      const containers = [{ name: 'web', image: 'web:1' }];
      cluster.api.create('pods', { metadata: { name, namespace }, spec: { containers, ...spec } });
    }
    await cluster.settle();
    const taint = (list: object[] | null) =>
      cluster.api.patch('nodes', { name: 'node1' }, { spec: { taints: list } }, { type: 'merge' });
    taint([{ key: 'fire', effect: 'NoExecute' }]);
    await cluster.settle();
    const names = () => cluster.pods().map((pod) => metaOf(pod).name);
    expect(names()).toEqual(['b', 'c', 'd']);
    await cluster.advance(30_000);
    expect(names()).toEqual(['c', 'd']);
    taint(null);
    await cluster.advance(120_000);
    expect(names()).toEqual(['c', 'd']);
    expect(
      cluster.events().some(({ message }) => message === 'Cancelling deletion of Pod default/c'),
    ).toBe(true);
  });
});

describe('a Pod without a node', () => {
  it('that is deleted while a finalizer holds it has failed', async () => {
    await using cluster = new TestCluster();
    cluster.api.create('pods', {
      metadata: { name: 'a', namespace, finalizers: ['test/hold'] },
      spec: {
        containers: [{ name: 'web', image: 'web:1' }],
        nodeSelector: { no: 'where' },
      },
    });
    await cluster.settle();
    cluster.api.delete('pods', { namespace, name: 'a' });
    await cluster.settle();
    expect(cluster.pod('a').status?.phase).toBe('Failed');
  });
});
