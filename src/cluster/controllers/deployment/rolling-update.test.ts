import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBeingDeleted } from '../object-meta.ts';
import { isPodReady } from '../pod-status.ts';
import { TestCluster } from '../test-cluster.ts';
import { REVISION } from './annotations.ts';
import { maxSurge as surgeOf, maxUnavailable as unavailableOf } from './fenceposts.ts';

/** The smallest number of ready Pods and the largest number of Pods asked for, from now on. */
function extremes(cluster: TestCluster) {
  const seen = { ready: Infinity, asked: 0 };
  const look = () => {
    const ready = cluster
      .pods('app=web')
      .filter(isPodReady)
      .filter((pod) => !isBeingDeleted(pod));
    seen.ready = Math.min(seen.ready, ready.length);
    const sizes = cluster.replicaSets().map(({ spec }) => spec?.replicas ?? 1);
    seen.asked = Math.max(
      seen.asked,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  };
  const watches = ['pods', 'replicasets'].map((resource) => cluster.api.watch(resource, look));
  return { seen, [Symbol.dispose]: () => watches.forEach((watch) => watch[Symbol.dispose]()) };
}

describe('a rolling update', () => {
  it.each([
    [4, '25%', '25%', { ready: 3, asked: 5 }],
    [4, 1, 0, { ready: 4, asked: 5 }],
    [4, 0, '50%', { ready: 2, asked: 4 }],
    [3, '0%', '10%', { ready: 2, asked: 3 }],
    [2, '25%', '25%', { ready: 2, asked: 3 }],
  ])(
    'rolls %i Pods with surge %s, unavailable %s within its bounds',
    async (replicas, maxSurge, maxUnavailable, bounds) => {
      await using cluster = new TestCluster();
      const rollingUpdate = { maxSurge, maxUnavailable };
      cluster.deploy('web', { replicas, strategy: { type: 'RollingUpdate', rollingUpdate } });
      await cluster.settle();
      using watched = extremes(cluster);
      cluster.setImage('web:2');
      await cluster.settle();
      expect(cluster.images()).toEqual(Array(replicas).fill('web:2'));
      expect(watched.seen.ready).toBeGreaterThanOrEqual(bounds.ready);
      expect(watched.seen.asked).toBeLessThanOrEqual(bounds.asked);
      expect(cluster.deployment('web')?.metadata?.annotations?.[REVISION]).toBe('2');
    },
  );

  it('keeps within its bounds however slowly and unevenly Pods come and go', async () => {
    const amount = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('0%', '25%', '50%'));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        amount,
        amount,
        fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 5, maxLength: 20 }),
        async (replicas, maxSurge, maxUnavailable, turns) => {
          fc.pre(Number.parseInt(`${maxSurge}`, 10) + Number.parseInt(`${maxUnavailable}`, 10) > 0);
          let next = 0;
          const kubeletTurns = () => turns[next++ % turns.length] ?? 1;
          await using cluster = new TestCluster({ kubeletTurns });
          const rollingUpdate = { maxSurge, maxUnavailable };
          cluster.deploy('web', { replicas, strategy: { type: 'RollingUpdate', rollingUpdate } });
          await cluster.settle();
          using watched = extremes(cluster);
          cluster.setImage('web:2');
          await cluster.settle();
          expect(cluster.images()).toEqual(Array(replicas).fill('web:2'));
          const deployment = cluster.deployment('web')!;
          expect(watched.seen.ready).toBeGreaterThanOrEqual(replicas - unavailableOf(deployment));
          expect(watched.seen.asked).toBeLessThanOrEqual(replicas + surgeOf(deployment));
          expect(cluster.errors).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });
});
