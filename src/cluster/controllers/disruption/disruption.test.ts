import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { describe, expect, it } from 'vitest';
import { metaOf } from '../object-meta.ts';
import { TestCluster } from '../test-cluster.ts';

const namespace = 'default';

async function guarded(spec: NonNullable<PodDisruptionBudget['spec']>): Promise<TestCluster> {
  const cluster = new TestCluster();
  cluster.deploy('web', { replicas: 4 });
  cluster.api.create('poddisruptionbudgets', {
    metadata: { name: 'guard', namespace },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });
  await cluster.settle();
  return cluster;
}

function statusOf(cluster: TestCluster) {
  const key = { namespace, name: 'guard' };
  const budget = cluster.api.get<PodDisruptionBudget>('poddisruptionbudgets', key);
  // Zeros need not be written.
  return { disruptionsAllowed: 0, ...budget?.status };
}

describe('a PodDisruptionBudget', () => {
  it.each([
    [{ minAvailable: 3 }, 3, 1],
    [{ minAvailable: '50%' }, 2, 2],
    [{ maxUnavailable: 1 }, 3, 1],
    [{ maxUnavailable: '30%' }, 2, 2],
  ])(
    'with %o wants %i of 4 healthy and lets %i go',
    async (spec, desiredHealthy, disruptionsAllowed) => {
      await using cluster = await guarded(spec);
      expect(statusOf(cluster)).toMatchObject({
        expectedPods: 4,
        currentHealthy: 4,
        desiredHealthy,
        disruptionsAllowed,
        observedGeneration: 1,
        conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' }],
      });
      expect(cluster.errors).toEqual([]);
    },
  );

  it('allows less when a Pod is not ready', async () => {
    await using cluster = await guarded({ maxUnavailable: 1 });
    cluster.setReady(metaOf(cluster.pods('app=web')[0]!).name, false);
    await cluster.settle();
    expect(statusOf(cluster)).toMatchObject({
      currentHealthy: 3,
      disruptionsAllowed: 0,
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
    });
  });

  it('follows the size of the Deployment', async () => {
    await using cluster = await guarded({ maxUnavailable: '50%' });
    cluster.patch('deployments', 'web', { spec: { replicas: 6 } });
    await cluster.settle();
    expect(statusOf(cluster)).toMatchObject({
      expectedPods: 6,
      desiredHealthy: 3,
      disruptionsAllowed: 3,
    });
  });

  it('does not count on a Pod without a controller, and says so', async () => {
    await using cluster = await guarded({ maxUnavailable: 1 });
    cluster.addPod('bare', { labels: { app: 'web' } });
    // The ReplicaSet selects on pod-template-hash too, so this one stays an orphan.
    await cluster.settle();
    expect(statusOf(cluster)).toMatchObject({
      expectedPods: 4,
      currentHealthy: 5,
      disruptionsAllowed: 2,
    });
    expect(cluster.events().map(({ reason }) => reason)).toContain('UnmanagedPods');
  });

  it('counts every matching Pod when minAvailable is a number', async () => {
    await using cluster = await guarded({ minAvailable: 4 });
    cluster.addPod('bare', { labels: { app: 'web' } });
    await cluster.settle();
    expect(statusOf(cluster)).toMatchObject({
      expectedPods: 5,
      desiredHealthy: 4,
      disruptionsAllowed: 1,
    });
  });
});
