import type { Job } from 'kubernetes-types/batch/v1.js';
import type { ConfigMap, Pod } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import type { Resource, Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';

type JobSpec = Partial<NonNullable<Job['spec']>>;

const scripts = {
  succeed: 'exit 0',
  fail: 'exit 1',
  sleep: 'sleep 1000000',
  // The volume lasts as long as the Pod, whose second attempt succeeds.
  failOnce: 'if [ -r /data/foo ]; then exit 0; else touch /data/foo; exit 1; fi',
  failOdd: 'if [ $(expr $JOB_COMPLETION_INDEX % 2) -ne 0 ]; then exit 1; else exit 0; fi',
} as const;

conformance(
  '[sig-apps] Job should allow to use the pod failure policy on exit code to fail the job early',
  async (c) => {
    await create(c, 'fail', {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      podFailurePolicy: {
        rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }],
      },
    });
    const { status } = await withCondition(c, 'Failed', 'PodFailurePolicy');
    expect(status.failed).toBe(1);
  },
);

conformance(
  '[sig-apps] Job should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition',
  async (c) => {
    // A Pod stays until there is a ConfigMap, which there is only once the first one is evicted.
    const script = 'if [ -e /data/go ]; then exit 0; fi; sleep 1000000';
    await jobs(c).create({
      metadata: { name: 'job' },
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 0,
        podFailurePolicy: {
          rules: [
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          ],
        },
        template: {
          spec: {
            restartPolicy: 'Never',
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: 'c',
                image: images.busybox,
                command: ['sh', '-c', script],
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
            volumes: [{ name: 'data', configMap: { name: 'go', optional: true } }],
          },
        },
      },
    });
    const [pod] = await podsRunning(c, 1);
    await c
      .in<ConfigMap>('v1', 'configmaps')
      .create({ metadata: { name: 'go' }, data: { go: '' } });
    const { name, namespace } = pod!.metadata;
    await c.api.call('POST', `/api/v1/namespaces/${c.namespace}/pods/${name}/eviction`, {
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
    });
    await completed(c, { reason: 'CompletionsReached', completions: 1 });
  },
);

conformance(
  '[sig-apps] Job should create pods for an Indexed job with completion indexes and specified hostname',
  async (c) => {
    await create(c, 'succeed', { ...indexed, completions: 4 });
    await completed(c, { reason: 'CompletionsReached', completions: 4 });
    const succeeded = (await podsOf(c)).filter(({ status }) => status.phase === 'Succeeded');
    const indexes = succeeded.map(({ metadata, spec }) => {
      const index = metadata.annotations?.['batch.kubernetes.io/job-completion-index'];
      expect(spec.hostname).toBe(`job-${index}`);
      return Number(index);
    });
    expect([...new Set(indexes)].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  },
);

conformance(
  '[sig-apps] Job with successPolicy should succeeded when all indexes succeeded',
  async (c) => {
    await create(c, 'succeed', {
      ...indexed,
      completions: 2,
      successPolicy: { rules: [{ succeededCount: 2 }] },
    });
    await withCondition(c, 'SuccessCriteriaMet', 'SuccessPolicy');
    const { status } = await completed(c, { reason: 'SuccessPolicy', completions: 2 });
    expect(status.failed ?? 0).toBe(0);
    expectIdle(status);
  },
);

conformance(
  '[sig-apps] Job with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending',
  async (c) => {
    await create(c, 'failOdd', {
      ...indexed,
      completions: 5,
      successPolicy: { rules: [{ succeededIndexes: '0' }] },
    });
    await withCondition(c, 'SuccessCriteriaMet', 'SuccessPolicy');
    const { status } = await completed(c, { reason: 'SuccessPolicy', completions: 1 });
    expect(status.completedIndexes).toBe('0');
    expectIdle(status);
  },
);

conformance(
  '[sig-apps] Job with successPolicy succeededCount rule should succeeded even when some indexes remain pending',
  async (c) => {
    await create(c, 'failOdd', {
      ...indexed,
      completions: 5,
      backoffLimit: 2 ** 31 - 1,
      successPolicy: { rules: [{ succeededCount: 1 }] },
    });
    await withCondition(c, 'SuccessCriteriaMet', 'SuccessPolicy');
    const { status } = await completed(c, { reason: 'SuccessPolicy', completions: 1 });
    expect(status.completedIndexes).toBe('0');
    expectIdle(status);
  },
);

conformance(
  '[sig-apps] Job should execute all indexes despite some failing when using backoffLimitPerIndex',
  async (c) => {
    await create(c, 'failOdd', { ...indexed, completions: 4, backoffLimitPerIndex: 1 });
    const { status } = await withCondition(c, 'Failed');
    expect(status).toMatchObject({
      failedIndexes: '1,3',
      completedIndexes: '0,2',
      failed: 4,
      succeeded: 2,
    });
  },
);

conformance(
  '[sig-apps] Job should terminate job execution when the number of failed indexes exceeds maxFailedIndexes',
  async (c) => {
    await create(c, 'fail', {
      ...indexed,
      parallelism: 1,
      completions: 4,
      backoffLimitPerIndex: 0,
      maxFailedIndexes: 0,
    });
    const { status } = await withCondition(c, 'Failed');
    expect(status).toMatchObject({ failedIndexes: '0', failed: 1 });
  },
);

conformance(
  '[sig-apps] Job should mark indexes as failed when the FailIndex action is matched in podFailurePolicy',
  async (c) => {
    await create(c, 'failOdd', {
      ...indexed,
      completions: 2,
      backoffLimitPerIndex: 1,
      podFailurePolicy: {
        rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }],
      },
    });
    const { status } = await withCondition(c, 'Failed');
    expect(status).toMatchObject({
      failedIndexes: '1',
      completedIndexes: '0',
      failed: 1,
      succeeded: 1,
    });
  },
);

conformance(
  '[sig-apps] Job should run a job to completion when tasks sometimes fail and are locally restarted',
  async (c) => {
    await create(c, 'failOnce', { parallelism: 2, completions: 4 }, 'OnFailure');
    await completed(c, { reason: 'CompletionsReached', completions: 4 });
  },
);

conformance('[sig-apps] Job should delete a job', async (c) => {
  await create(c, 'sleep', { parallelism: 2, completions: 4 });
  await podsRunning(c, 2);
  await jobs(c).delete('job', { propagationPolicy: 'Background' });
  await until('its Pods are gone', async () => (await podsOf(c)).length === 0, 120_000);
  await expect(jobs(c).get('job')).rejects.toMatchObject({ code: 404 });
});

conformance(
  '[sig-apps] Job should adopt matching orphans and release non-matching pods',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    const { metadata } = await create(c, 'sleep', { parallelism: 2, completions: 4 });
    const [{ metadata: pod }] = (await podsRunning(c, 2)) as [Stored<Pod>];
    const isOwned = async () =>
      (await pods.get(pod.name)).metadata.ownerReferences?.some(
        ({ controller, uid }) => controller === true && uid === metadata.uid,
      ) ?? false;
    await pods.update(pod.name, (one) => {
      one.metadata.ownerReferences = [];
    });
    await until('the Pod is adopted again', isOwned, 120_000);
    await pods.update(pod.name, (one) => {
      one.metadata.labels = {};
    });
    await until('the Pod is released', async () => !(await isOwned()), 120_000);
  },
);

conformance('[sig-apps] Job should apply changes to a job status', async (c) => {
  await create(c, 'sleep', { parallelism: 2, completions: 4 });
  await podsRunning(c, 2);
  const condition = (message: string) => ({
    type: 'CustomConditionType',
    status: 'True',
    reason: 'E2E',
    message,
    lastTransitionTime: '2026-01-02T03:04:05Z',
  });
  const patched = await jobs(c).patch(
    'job',
    {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { conditions: [condition('Set by e2e test')] },
    },
    { type: 'merge', subresource: 'status' },
  );
  expect(patched.status.conditions).toMatchObject([{ type: 'CustomConditionType' }]);
  expect(patched.metadata.annotations).toMatchObject({ patchedstatus: 'true' });
  for (;;) {
    const current = await jobs(c).get('job');
    current.status.conditions = [condition('Updated by e2e test')];
    try {
      const updated = await jobs(c).replace(current, 'status');
      expect(updated.status.conditions?.[0]?.message).toBe('Updated by e2e test');
      break;
    } catch (error) {
      if ((error as { code?: number }).code !== 409) throw error;
    }
  }
  expect((await jobs(c).get('job', 'status')).metadata.name).toBe('job');
});

conformance('[sig-apps] Job should manage the lifecycle of a job', async (c) => {
  const labelSelector = `e2e-job-label=${c.namespace}`;
  const everywhere = c.all<Job>('batch/v1', 'jobs');
  const { resourceVersion } = (await jobs(c).list({ labelSelector })).metadata;
  using watch = await jobs(c).watch({ labelSelector, resourceVersion });
  await jobs(c).create({
    metadata: { name: 'job', labels: { 'e2e-job-label': c.namespace } },
    spec: { ...jobSpec('succeed', { parallelism: 2, completions: 4 }, 'Never'), suspend: true },
  });
  await watch.until('added', ({ type }) => type === 'ADDED');

  const patched = await jobs(c).patch('job', { metadata: { labels: { job: 'patched' } } });
  expect(patched.metadata.labels).toMatchObject({ job: 'patched' });
  await watch.until(
    'patched',
    ({ type, object }) => type === 'MODIFIED' && object.metadata.labels?.['job'] === 'patched',
  );

  const updated = await jobs(c).update('job', ({ spec, metadata }) => {
    metadata.annotations = { ...metadata.annotations, updated: 'true' };
    spec.suspend = false;
  });
  expect(updated.metadata.annotations).toMatchObject({ updated: 'true' });
  await completed(c, { reason: 'CompletionsReached', completions: 4 });
  const listed = (await everywhere.list({ labelSelector })).items;
  expect(listed.map(({ metadata }) => metadata.name)).toEqual(['job']);

  await jobs(c).deleteCollection({ labelSelector }, { propagationPolicy: 'Background' });
  await watch.until('deleted', ({ type }) => type === 'DELETED');
  expect((await everywhere.list({ labelSelector })).items).toEqual([]);
});

const indexed: JobSpec = { completionMode: 'Indexed', parallelism: 2 };

function jobs(c: Conformance): Resource<Job> {
  return c.in<Job>('batch/v1', 'jobs');
}

function create(
  c: Conformance,
  behaviour: keyof typeof scripts,
  spec: JobSpec,
  restartPolicy = 'Never',
): Promise<Stored<Job>> {
  return jobs(c).create({
    metadata: { name: 'job' },
    spec: jobSpec(behaviour, spec, restartPolicy),
  });
}

function jobSpec(behaviour: keyof typeof scripts, spec: JobSpec, restartPolicy: string) {
  return {
    ...spec,
    template: {
      metadata: { labels: { job: 'job' } },
      spec: {
        restartPolicy,
        terminationGracePeriodSeconds: 1,
        volumes: [{ name: 'data', emptyDir: {} }],
        containers: [
          {
            name: 'c',
            image: images.busybox,
            command: ['/bin/sh', '-c', scripts[behaviour]],
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          },
        ],
      },
    },
  };
}

async function podsOf(c: Conformance): Promise<readonly Stored<Pod>[]> {
  return (await c.in<Pod>('v1', 'pods').list({ labelSelector: 'job-name=job' })).items;
}

function podsRunning(c: Conformance, count: number): Promise<readonly Stored<Pod>[]> {
  return until(
    `${count} Pods run`,
    async () => {
      const running = (await podsOf(c)).filter(({ status }) => status.phase === 'Running');
      return running.length === count && running;
    },
    300_000,
  );
}

function withCondition(c: Conformance, wanted: string, reason?: string): Promise<Stored<Job>> {
  return until(
    `the Job is ${wanted} ${reason ?? ''}`,
    async () => {
      const job = await jobs(c).get('job');
      const condition = job.status.conditions?.find(({ type }) => type === wanted);
      if (condition?.status !== 'True') return undefined;
      if (reason !== undefined) expect(condition.reason).toBe(reason);
      return job;
    },
    160_000,
  );
}

async function completed(
  c: Conformance,
  wanted: { readonly reason: string; readonly completions: number },
): Promise<Stored<Job>> {
  const job = await withCondition(c, 'Complete', wanted.reason);
  expect(job.status.succeeded).toBe(wanted.completions);
  return job;
}

function expectIdle(status: NonNullable<Job['status']>): void {
  expect([status.active ?? 0, status.ready ?? 0, status.terminating ?? 0]).toEqual([0, 0, 0]);
}
