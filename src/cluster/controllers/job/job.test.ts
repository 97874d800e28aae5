import type { JobSpec } from 'kubernetes-types/batch/v1.js';
import { describe, expect, it } from 'vitest';
import { controllerOf, metaOf } from '../object-meta.ts';
import { isTracked } from './job-pod.ts';
import { JobCluster } from './test-job.ts';

async function submitted(spec: Partial<JobSpec> = {}): Promise<JobCluster> {
  const cluster = new JobCluster();
  await cluster.submit(spec);
  return cluster;
}

describe('a Job', () => {
  it('runs one Pod to its end, step by step, and is Complete', async () => {
    await using cluster = await submitted();
    const [pod] = cluster.pods();
    expect(pod?.metadata?.generateName).toBe('work-');
    expect(isTracked(pod!)).toBe(true);
    expect(controllerOf(pod!)).toMatchObject({ kind: 'Job', uid: metaOf(cluster.job).uid });
    expect(cluster.job.status).toEqual({
      active: 1,
      ready: 1,
      startTime: '2026-11-23T12:00:00Z',
      terminating: 0,
      uncountedTerminatedPods: {},
    });
    await cluster.succeed(pod);
    expect(cluster.job.status).toMatchObject({
      succeeded: 1,
      ready: 0,
      terminating: 0,
      completionTime: '2026-11-23T12:00:00Z',
      uncountedTerminatedPods: {},
    });
    expect(cluster.conditions).toEqual([
      ['SuccessCriteriaMet', 'CompletionsReached'],
      ['Complete', 'CompletionsReached'],
    ]);
    expect(isTracked(cluster.pods()[0]!)).toBe(false);
    expect([cluster.count('SuccessfulCreate'), cluster.count('Completed')]).toEqual([1, 1]);
    expect(cluster.errors).toEqual([]);
  });

  it('writes down what ended before it lets it go, and counts it after', async () => {
    await using cluster = await submitted({ completions: 2 });
    const seen: unknown[] = [];
    using _watch = cluster.api.watch<(typeof cluster)['job']>('jobs', ({ object }) => {
      const { succeeded, uncountedTerminatedPods, conditions } = object.status ?? {};
      seen.push([succeeded, uncountedTerminatedPods?.succeeded?.length, conditions?.length]);
    });
    await cluster.succeed(cluster.running[0]);
    await cluster.succeed(cluster.running[0]);
    expect(seen).toContainEqual([undefined, 1, undefined]);
    expect(seen).toContainEqual([1, undefined, undefined]);
    expect(seen).toContainEqual([1, 1, 1]);
    expect(seen.at(-1)).toEqual([2, undefined, 2]);
  });

  it('never runs more Pods than parallelism, nor more than are still to succeed', async () => {
    await using cluster = await submitted({ completions: 5, parallelism: 3 });
    expect(cluster.running).toHaveLength(3);
    await cluster.succeed(...cluster.running);
    expect(cluster.running).toHaveLength(2);
    cluster.patch('jobs', 'work', { spec: { parallelism: 1 } });
    await cluster.settle();
    expect(cluster.running).toHaveLength(1);
    expect(cluster.job.status).toMatchObject({ active: 1, succeeded: 3 });
    expect(cluster.job.status).not.toHaveProperty('failed');
  });

  it('as a work queue starts no more once one Pod has succeeded', async () => {
    await using cluster = await submitted({ parallelism: 3 });
    await cluster.succeed(cluster.running[0]);
    expect(cluster.running).toHaveLength(2);
    expect(cluster.conditions).toEqual([]);
    await cluster.succeed(...cluster.running);
    expect(cluster.conditions.at(-1)?.[0]).toBe('Complete');
  });

  it('waits ten seconds after a failure, twice that after the next, and gives up at the limit', async () => {
    await using cluster = await submitted({ backoffLimit: 2 });
    await cluster.fail(cluster.running[0]);
    await cluster.advance(9_000);
    expect(cluster.running).toHaveLength(0);
    await cluster.advance(1_000);
    expect(cluster.running).toHaveLength(1);
    await cluster.fail(cluster.running[0]);
    await cluster.advance(19_000);
    expect(cluster.running).toHaveLength(0);
    await cluster.advance(1_000);
    await cluster.fail(cluster.running[0]);
    expect(cluster.conditions).toEqual([
      ['FailureTarget', 'BackoffLimitExceeded'],
      ['Failed', 'BackoffLimitExceeded'],
    ]);
    expect(cluster.job.status).toMatchObject({ failed: 3 });
    expect(cluster.count('BackoffLimitExceeded')).toBe(1);
  });

  it('counts restarts in place towards the limit with OnFailure', async () => {
    const containers = [{ name: 'main', image: 'main:1' }];
    const template = { spec: { restartPolicy: 'OnFailure', containers } };
    await using cluster = await submitted({ backoffLimit: 2, template });
    const status = { name: 'main', image: 'main:1', imageID: '', ready: true };
    cluster.patchStatus(cluster.running[0]!, {
      containerStatuses: [{ ...status, restartCount: 2 }],
    });
    await cluster.settle();
    expect(cluster.conditions.at(-1)).toEqual(['Failed', 'BackoffLimitExceeded']);
    expect(cluster.pods()).toEqual([]);
  });

  it('ends what runs when its deadline passes', async () => {
    await using cluster = await submitted({ activeDeadlineSeconds: 30 });
    await cluster.advance(29_000);
    expect(cluster.conditions).toEqual([]);
    await cluster.advance(1_000);
    expect(cluster.conditions.at(-1)).toEqual(['Failed', 'DeadlineExceeded']);
    expect(cluster.job.status).toMatchObject({ failed: 1, terminating: 0 });
    expect(cluster.pods()).toEqual([]);
  });

  it('suspended, ends its Pods uncounted; resumed, starts anew', async () => {
    await using cluster = await submitted({ activeDeadlineSeconds: 30 });
    await cluster.advance(20_000);
    cluster.patch('jobs', 'work', { spec: { suspend: true } });
    await cluster.settle();
    expect(cluster.pods()).toEqual([]);
    expect(cluster.conditions).toEqual([['Suspended', 'JobSuspended']]);
    await cluster.advance(60_000);
    cluster.patch('jobs', 'work', { spec: { suspend: false } });
    await cluster.settle();
    expect(cluster.running).toHaveLength(1);
    expect(cluster.job.status).toMatchObject({ startTime: '2026-11-23T12:01:20Z' });
    expect(cluster.job.status?.conditions).toMatchObject([
      { status: 'False', reason: 'JobResumed' },
    ]);
    await cluster.advance(29_000);
    await cluster.succeed(cluster.running[0]);
    expect(cluster.conditions.at(-1)?.[0]).toBe('Complete');
    expect([cluster.count('Suspended'), cluster.count('Resumed')]).toEqual([1, 1]);
  });

  it('releases a relabelled Pod with its finalizer, replaces it, and takes it back', async () => {
    await using cluster = await submitted({ completions: 2 });
    const { name, labels } = metaOf(cluster.running[0]!);
    const label = 'batch.kubernetes.io/controller-uid';
    cluster.patch('pods', name, { metadata: { labels: { [label]: 'other' } } });
    await cluster.settle();
    expect(controllerOf(cluster.pod(name))).toBeUndefined();
    expect(isTracked(cluster.pod(name))).toBe(false);
    expect(cluster.running).toHaveLength(2);
    cluster.patch('pods', name, { metadata: { labels: { [label]: labels?.[label] } } });
    await cluster.settle();
    expect(cluster.running).toHaveLength(1);
    expect(isTracked(cluster.running[0]!)).toBe(true);
  });

  it('lets its Pods go when it is deleted', async () => {
    await using cluster = await submitted();
    const { name } = metaOf(cluster.running[0]!);
    cluster.api.delete(
      'jobs',
      { namespace: 'default', name: 'work' },
      { propagationPolicy: 'Background' },
    );
    await cluster.settle();
    expect(cluster.hasPod(name)).toBe(false);
  });

  it('deleted in the foreground, goes after its Pods', async () => {
    await using cluster = await submitted();
    cluster.api.delete(
      'jobs',
      { namespace: 'default', name: 'work' },
      { propagationPolicy: 'Foreground' },
    );
    await cluster.settle();
    expect([cluster.hasJob, cluster.pods().length]).toEqual([false, 0]);
    expect(cluster.errors).toEqual([]);
  });

  it('orphaned, leaves Pods without the finalizer', async () => {
    await using cluster = await submitted();
    cluster.api.delete(
      'jobs',
      { namespace: 'default', name: 'work' },
      { propagationPolicy: 'Orphan' },
    );
    await cluster.settle();
    expect(cluster.running).toHaveLength(1);
    expect(isTracked(cluster.running[0]!)).toBe(false);
  });

  it('leaves its Pods behind when nobody says how to delete it', async () => {
    await using cluster = await submitted();
    cluster.api.delete('jobs', { namespace: 'default', name: 'work' });
    await cluster.settle();
    expect(cluster.hasJob).toBe(false);
    expect(cluster.running).toHaveLength(1);
    expect(controllerOf(cluster.running[0]!)).toBeUndefined();
  });

  it('goes with its Pods after ttlSecondsAfterFinished', async () => {
    await using cluster = await submitted({ ttlSecondsAfterFinished: 60 });
    await cluster.succeed(cluster.running[0]);
    await cluster.advance(59_000);
    expect(cluster.hasJob).toBe(true);
    await cluster.advance(1_000);
    expect([cluster.hasJob, cluster.pods().length]).toEqual([false, 0]);
  });

  it('is left alone when someone else manages it', async () => {
    await using cluster = await submitted({ managedBy: 'example.com/queue' });
    expect(cluster.pods()).toEqual([]);
    expect(cluster.job.status).toEqual({});
  });

  it('replaces a terminating Pod only when it has failed, if told so', async () => {
    await using cluster = await submitted({ podReplacementPolicy: 'Failed', completions: 2 });
    const [pod] = cluster.running;
    cluster.patch('pods', metaOf(pod!).name, { metadata: { labels: { 'test/by-hand': '' } } });
    cluster.api.delete('pods', { namespace: 'default', name: metaOf(pod!).name });
    await cluster.settle();
    expect(cluster.pods()).toHaveLength(1);
    expect(cluster.job.status).toMatchObject({ terminating: 1 });
    await cluster.fail(pod);
    await cluster.advance(10_000);
    expect(cluster.job.status).toMatchObject({ failed: 1, active: 1 });
  });
});
