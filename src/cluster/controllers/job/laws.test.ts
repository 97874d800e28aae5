import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metaOf } from '../object-meta.ts';
import { isTracked } from './job-pod.ts';
import { JobCluster } from './test-job.ts';

const step = fc.record({
  kind: fc.constantFrom('succeed', 'fail', 'delete', 'suspend', 'resume', 'parallelism', 'wait'),
  which: fc.nat(5),
  isSettled: fc.boolean(),
});

describe('the accounts of a Job', () => {
  it('count no Pod twice and let all go, whatever happens in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 15 }),
        fc.constantFrom('Indexed', 'NonIndexed'),
        async (steps, completionMode) => {
          await using cluster = new JobCluster();
          let most = 0;
          const failures = new Set<string>();
          using _watch = cluster.api.watch<(typeof cluster.running)[number]>('pods', () => {
            most = Math.max(most, cluster.running.length);
          });
          await cluster.submit({
            completions: 4,
            parallelism: 3,
            backoffLimit: 100,
            completionMode,
          });
          for (const { kind, which, isSettled } of steps) {
            const { running } = cluster;
            const pod = running[which % Math.max(1, running.length)];
            if (kind === 'suspend' || kind === 'resume') {
              cluster.patch('jobs', 'work', { spec: { suspend: kind === 'suspend' } });
            } else if (kind === 'parallelism') {
              cluster.patch('jobs', 'work', { spec: { parallelism: which % 4 } });
            } else if (kind === 'wait') cluster.clock.advance(60_000);
            else if (pod) {
              const { name, uid } = metaOf(pod);
              if (kind === 'succeed') {
                cluster.end(pod, 0);
              } else if (kind === 'fail') {
                cluster.end(pod, 1);
                failures.add(uid);
              } else {
                cluster.api.delete('pods', { namespace: 'default', name });
                failures.add(uid);
              }
            }
            if (isSettled) await cluster.settle();
          }
          cluster.patch('jobs', 'work', { spec: { suspend: false, parallelism: 3 } });
          await cluster.settle();
          for (let round = 0; round < 40; round += 1) {
            await cluster.succeed(...cluster.running);
            await cluster.advance(600_000);
            if (cluster.conditions.some(([type]) => type === 'Complete')) break;
          }
          const { succeeded = 0, failed = 0, uncountedTerminatedPods } = cluster.job.status ?? {};
          expect(cluster.conditions.at(-1)?.[0]).toBe('Complete');
          expect(succeeded).toBeGreaterThanOrEqual(4);
          expect(failed).toBeLessThanOrEqual(failures.size);
          expect(uncountedTerminatedPods).toEqual({});
          expect(cluster.pods().some(isTracked)).toBe(false);
          expect(most).toBeLessThanOrEqual(3);
          expect(cluster.errors).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
