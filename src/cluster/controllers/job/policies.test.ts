import type { JobSpec } from 'kubernetes-types/batch/v1.js';
import { describe, expect, it } from 'vitest';
import { JobCluster } from './test-job.ts';

async function submitted(spec: Partial<JobSpec>): Promise<JobCluster> {
  const cluster = new JobCluster();
  await cluster.submit(spec);
  return cluster;
}

const INDEXED = { completionMode: 'Indexed' } as const;

describe('an Indexed Job', () => {
  it('gives each Pod an index: annotation, label, host name, variable, name', async () => {
    await using cluster = await submitted({ ...INDEXED, completions: 3, parallelism: 2 });
    expect(cluster.indexes).toEqual([0, 1]);
    const { metadata, spec } = cluster.withIndex(1);
    expect(metadata?.generateName).toBe('work-1-');
    expect(metadata?.labels).toMatchObject({ 'batch.kubernetes.io/job-completion-index': '1' });
    expect(spec?.hostname).toBe('work-1');
    expect(spec?.containers[0]?.env?.[0]).toMatchObject({
      name: 'JOB_COMPLETION_INDEX',
      valueFrom: {
        fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" },
      },
    });
    await cluster.succeed(cluster.withIndex(1));
    expect(cluster.indexes).toEqual([0, 2]);
    expect(cluster.job.status).toMatchObject({ succeeded: 1, completedIndexes: '1' });
    await cluster.succeed(cluster.withIndex(0), cluster.withIndex(2));
    expect(cluster.job.status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' });
    expect(cluster.conditions.at(-1)?.[0]).toBe('Complete');
  });

  it('tries an index again when its Pod failed', async () => {
    await using cluster = await submitted({ ...INDEXED, completions: 2, parallelism: 2 });
    await cluster.fail(cluster.withIndex(0));
    await cluster.advance(10_000);
    expect(cluster.indexes).toEqual([0, 1]);
    expect(cluster.job.status).toMatchObject({ failed: 1 });
  });

  it('gives up on an index at its own limit, and fails when all are settled', async () => {
    await using cluster = await submitted({
      ...INDEXED,
      completions: 2,
      parallelism: 2,
      backoffLimitPerIndex: 1,
    });
    await cluster.fail(cluster.withIndex(0));
    expect(cluster.indexes).toEqual([1]);
    await cluster.advance(10_000);
    expect(cluster.withIndex(0).metadata?.annotations).toMatchObject({
      'batch.kubernetes.io/job-index-failure-count': '1',
    });
    await cluster.fail(cluster.withIndex(0));
    expect(cluster.job.status).toMatchObject({ failedIndexes: '0', failed: 2 });
    expect(cluster.conditions).toEqual([]);
    await cluster.succeed(cluster.withIndex(1));
    expect(cluster.conditions.at(-1)).toEqual(['Failed', 'FailedIndexes']);
    expect(cluster.job.status).toMatchObject({ succeeded: 1, completedIndexes: '1' });
  });

  it('fails at once when more indexes failed than it may lose', async () => {
    await using cluster = await submitted({
      ...INDEXED,
      completions: 4,
      parallelism: 4,
      backoffLimitPerIndex: 0,
      maxFailedIndexes: 1,
    });
    await cluster.fail(cluster.withIndex(2));
    expect(cluster.conditions).toEqual([]);
    await cluster.fail(cluster.withIndex(0));
    expect(cluster.conditions.at(-1)).toEqual(['Failed', 'MaxFailedIndexesExceeded']);
    expect(cluster.running).toEqual([]);
  });

  it('succeeds early by its success policy, and ends the others uncounted', async () => {
    await using cluster = await submitted({
      ...INDEXED,
      completions: 4,
      parallelism: 4,
      successPolicy: { rules: [{ succeededIndexes: '0,2-3', succeededCount: 2 }] },
    });
    await cluster.succeed(cluster.withIndex(1), cluster.withIndex(2));
    expect(cluster.conditions).toEqual([]);
    await cluster.succeed(cluster.withIndex(0));
    expect(cluster.conditions).toEqual([
      ['SuccessCriteriaMet', 'SuccessPolicy'],
      ['Complete', 'SuccessPolicy'],
    ]);
    expect(cluster.job.status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' });
    expect(cluster.job.status).not.toHaveProperty('failed');
    expect(cluster.pods()).toHaveLength(3);
  });
});

describe('podFailurePolicy', () => {
  const rule = (action: string, values: number[]) => ({
    action,
    onExitCodes: { operator: 'In', values },
  });

  it('fails the Job at once, with the rule in its message', async () => {
    await using cluster = await submitted({
      podFailurePolicy: { rules: [rule('Ignore', [3]), rule('FailJob', [42])] },
    });
    const [pod] = cluster.running;
    await cluster.fail(pod, 42);
    expect(cluster.conditions.at(-1)).toEqual(['Failed', 'PodFailurePolicy']);
    expect(cluster.job.status?.conditions?.at(-1)?.message).toBe(
      `Container main for pod default/${pod?.metadata?.name} failed with exit code 42 matching FailJob rule at index 1`,
    );
  });

  it('does not count what is ignored', async () => {
    await using cluster = await submitted({
      backoffLimit: 0,
      podFailurePolicy: { rules: [rule('Ignore', [3])] },
    });
    await cluster.fail(cluster.running[0], 3);
    await cluster.advance(10_000);
    expect(cluster.running).toHaveLength(1);
    expect(cluster.job.status).not.toHaveProperty('failed');
    await cluster.fail(cluster.running[0], 4);
    expect(cluster.conditions.at(-1)).toEqual(['Failed', 'BackoffLimitExceeded']);
  });

  it('matches a condition of the Pod', async () => {
    await using cluster = await submitted({
      backoffLimit: 0,
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
    });
    const [pod] = cluster.running;
    cluster.patchStatus(pod!, {
      phase: 'Failed',
      conditions: [{ type: 'DisruptionTarget', status: 'True' }],
    });
    await cluster.advance(10_000);
    expect(cluster.running).toHaveLength(1);
    expect(cluster.conditions).toEqual([]);
  });

  it('gives up on one index only', async () => {
    await using cluster = await submitted({
      ...INDEXED,
      completions: 2,
      parallelism: 2,
      backoffLimitPerIndex: 5,
      podFailurePolicy: { rules: [rule('FailIndex', [7])] },
    });
    await cluster.fail(cluster.withIndex(1), 7);
    await cluster.advance(60_000);
    expect(cluster.indexes).toEqual([0]);
    expect(cluster.job.status).toMatchObject({ failedIndexes: '1' });
  });
});
