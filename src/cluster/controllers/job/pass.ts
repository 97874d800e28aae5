import type { Job, JobStatus } from 'kubernetes-types/batch/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { isNotFound } from '../api-errors.ts';
import { timestamp } from '../clock.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { createPod, deletePod, type PodControl } from '../pod-control.ts';
import { isPodActive, isPodReady } from '../pod-status.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { slowStart } from '../slow-start.ts';
import { dropZeros } from '../status-counts.ts';
import { isSettled, settle, writeDown } from './account.ts';
import { CONDITIONS_OF, type Outcome, withCondition } from './conditions.ts';
import { isTerminating } from './job-pod.ts';
import { jobTemplate, podNamePrefix } from './job-template.ts';
import type { JobPicture } from './picture.ts';
import type { PodPlan } from './plan-pods.ts';
import { stopTracking } from './tracking.ts';

export interface JobPassOptions extends PodControl {
  readonly picture: JobPicture;
  /** The Job's Pods as they are now. */
  readonly held: () => readonly Pod[];
}

/** One pass over one Job: acts on its Pods, keeps its books, and knows its latest state. */
export class JobPass {
  readonly picture: JobPicture;
  readonly #options: JobPassOptions;
  #status: JobStatus;
  #job: Job;
  #error: unknown;

  constructor(options: JobPassOptions) {
    this.#options = options;
    this.picture = options.picture;
    this.#job = options.picture.job;
    this.#status = this.#job.status ?? {};
  }

  /** As it will be stored next. */
  get job(): Job {
    return { ...this.#job, status: this.#status };
  }

  /** The first thing that went wrong with a Pod. */
  get error(): unknown {
    return this.#error;
  }

  start(): void {
    const { job, now } = this.picture;
    if (this.#status.startTime || job.spec?.suspend) return;
    this.#status = { ...this.#status, startTime: timestamp(now) };
  }

  activeCount(): number {
    return this.#options.held().filter(isPodActive).length;
  }

  /** The Job is decided: what still runs ends, and is counted. */
  endPods(): void {
    this.#delete(this.picture.active);
  }

  carryOut(plan: PodPlan): void {
    // Ended by the Job itself: neither a success nor a failure.
    for (const pod of plan.delete) stopTracking(this.#options.api, pod);
    this.#delete(plan.delete);
    const { job, indexes } = this.picture;
    const next = plan.create.values();
    const error = slowStart(plan.create.length, () => {
      const { value: index } = next.next();
      const replaced = index === undefined ? undefined : indexes?.toReplace.get(index);
      const generateName = podNamePrefix(job, index);
      createPod(job, jobTemplate(job, { index, replaced }), { ...this.#options, generateName });
    });
    this.#error ??= error;
  }

  /** A suspended Job has no start, a resumed one a new one: no deadline runs in between. */
  noteSuspension(isSuspended: boolean): void {
    const { job, now } = this.picture;
    const before = this.#status.conditions ?? [];
    const verb = isSuspended ? 'suspended' : 'resumed';
    const reason = isSuspended ? 'JobSuspended' : 'JobResumed';
    const status = isSuspended ? 'True' : 'False';
    const message = `Job ${verb}`;
    const next = { type: 'Suspended', status, reason, message } as const;
    const conditions = withCondition(before, next, now);
    if (conditions === before) return;
    const { startTime: _, ...others } = this.#status;
    this.#status = {
      ...others,
      conditions: [...conditions],
      ...(!isSuspended && { startTime: timestamp(now) }),
    };
    const { recordEvent } = this.#options;
    recordEvent(job, 'Normal', isSuspended ? 'Suspended' : 'Resumed', message);
  }

  /** Writes down what has ended, lets it go, counts it, and finishes the Job when all is counted. */
  account(outcome: Outcome | undefined): void {
    const { api } = this.#options;
    const { status, settled } = writeDown({ ...this.picture, job: this.job }, outcome);
    this.#status = { ...status, ...this.#counts() };
    if (outcome) this.#say(outcome, CONDITIONS_OF[outcome.kind].interim);
    this.#write();
    for (const pod of settled) stopTracking(api, pod);
    const held = this.#options.held();
    this.#status = settle(this.#status, held);
    const isEnded = outcome && isSettled(this.#status) && !held.some(isTerminating);
    if (isEnded) this.#finish(outcome);
    this.#write();
    if (isEnded) this.#announce(outcome);
  }

  #finish(outcome: Outcome): void {
    const { final } = CONDITIONS_OF[outcome.kind];
    this.#say(outcome, final);
    if (final === 'Complete') {
      this.#status = { ...this.#status, completionTime: timestamp(this.picture.now) };
    }
  }

  #announce({ kind, reason, message }: Outcome): void {
    const { recordEvent } = this.#options;
    const { spec, status } = this.job;
    if (kind === 'failed') {
      recordEvent(this.#job, 'Warning', reason, message);
      return;
    }
    if ((status?.succeeded ?? 0) > (spec?.completions ?? Infinity)) {
      const tooMany = 'Too many succeeded pods running after completion count reached';
      recordEvent(this.#job, 'Warning', 'TooManySucceededPods', tooMany);
    }
    recordEvent(this.#job, 'Normal', 'Completed', 'Job completed');
  }

  #say({ reason, message }: Outcome, type: Parameters<typeof withCondition>[1]['type']): void {
    const next = { type, status: 'True', reason, message } as const;
    const conditions = withCondition(this.#status.conditions ?? [], next, this.picture.now);
    this.#status = { ...this.#status, conditions: [...conditions] };
  }

  #counts(): Pick<JobStatus, 'active' | 'ready' | 'terminating'> {
    const held = this.#options.held();
    const active = held.filter(isPodActive);
    return {
      active: active.length,
      ready: active.filter(isPodReady).length,
      terminating: held.filter(isTerminating).length,
    };
  }

  #delete(pods: readonly Pod[]): void {
    for (const pod of pods) {
      const [error] = deletePod(this.picture.job, pod, this.#options);
      this.#error ??= error;
    }
  }

  #write(): void {
    const { active = 0, succeeded = 0, failed = 0, completedIndexes, ...others } = this.#status;
    const status: JobStatus = {
      ...others,
      ...dropZeros({ active, succeeded, failed }),
      ...(completedIndexes && { completedIndexes }),
    };
    if (isSame(status, this.#job.status)) return;
    try {
      this.#job = this.#options.api.update<Job>(
        'jobs',
        { ...this.#job, status },
        { subresource: 'status', fieldManager: FIELD_MANAGER },
      );
    } catch (error) {
      // Its last Pod's finalizer may have been what a foreground deletion waited for.
      if (!isNotFound(error)) throw error;
    }
  }
}

/** An empty record of uncounted Pods is written too: it says that Pods are tracked. */
function isSame(next: JobStatus, stored: JobStatus | undefined): boolean {
  return stored?.uncountedTerminatedPods !== undefined && isSemanticallyEqual(next, stored);
}
