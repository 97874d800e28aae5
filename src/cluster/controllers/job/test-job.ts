import type { Job, JobSpec } from 'kubernetes-types/batch/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { timestamp } from '../clock.ts';
import { metaOf } from '../object-meta.ts';
import { TestCluster } from '../test-cluster.ts';
import { INDEX_KEY } from './job-pod.ts';

const key = { namespace: 'default', name: 'work' };

/** A cluster with one Job, `work`, whose Pods end as the test says. */
export class JobCluster extends TestCluster {
  async submit(spec: Partial<JobSpec> = {}): Promise<void> {
    const { template, ...others } = spec;
    this.api.create('jobs', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: key,
      spec: {
        template: {
          spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'main:1' }] },
          ...template,
        },
        ...others,
      },
    });
    await this.settle();
  }

  get job(): Job {
    const job = this.api.get<Job>('jobs', key);
    if (!job) throw new Error('the Job is gone');
    return job;
  }

  get hasJob(): boolean {
    return this.api.get('jobs', key) !== undefined;
  }

  get conditions(): [string, string | undefined][] {
    return (this.job.status?.conditions ?? [])
      .filter(({ status }) => status === 'True')
      .map(({ type, reason }) => [type, reason]);
  }

  /** Those that have not ended. */
  get running(): Pod[] {
    return this.pods().filter(({ status }) => status?.phase === 'Running');
  }

  withIndex(index: number): Pod {
    const found = this.running.find(
      ({ metadata }) => metadata?.annotations?.[INDEX_KEY] === String(index),
    );
    if (!found) throw new Error(`no Pod runs for index ${index}`);
    return found;
  }

  get indexes(): number[] {
    return this.running
      .map(({ metadata }) => Number(metadata?.annotations?.[INDEX_KEY]))
      .sort((a, b) => a - b);
  }

  async succeed(...pods: (Pod | undefined)[]): Promise<void> {
    for (const pod of pods) this.end(pod, 0);
    await this.settle();
  }

  async fail(pod: Pod | undefined, exitCode = 1): Promise<void> {
    this.end(pod, exitCode);
    await this.settle();
  }

  end(pod: Pod | undefined, exitCode: number): void {
    if (!pod) throw new Error('there is no such Pod');
    const finishedAt = timestamp(this.clock.now());
    this.patchStatus(pod, {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: finishedAt }],
      containerStatuses: [
        {
          name: 'main',
          image: 'main:1',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode, finishedAt } },
        },
      ],
    });
  }

  patchStatus(pod: Pod, status: object): void {
    const { namespace, name } = metaOf(pod);
    const how = { type: 'merge', subresource: 'status', fieldManager: 'kubelet' } as const;
    this.api.patch('pods', { namespace, name }, { status }, how);
  }

  count(reason: string): number {
    return this.events().filter((event) => event.reason === reason).length;
  }
}
