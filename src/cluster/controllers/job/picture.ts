import type { Job } from 'kubernetes-types/batch/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { metaOf } from '../object-meta.ts';
import { isPodActive } from '../pod-status.ts';
import type { FailureRecord, FailureRecords } from './back-off.ts';
import { judgeFailure } from './failure-policy.ts';
import { failedIndexes, hasLimitPerIndex, podsToReplace } from './index-failures.ts';
import { parseIndexes } from './indexes.ts';
import { indexOf, isFailed, isIndexed, isTerminating, isTracked } from './job-pod.ts';

/** All that one pass over a Job is decided from. */
export interface JobPicture {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
  readonly succeeded: number;
  readonly failed: number;
  readonly failures: FailureRecord;
  /** Of an Indexed Job. */
  readonly indexes?: {
    readonly active: ReadonlySet<number>;
    readonly terminating: ReadonlySet<number>;
    readonly succeeded: ReadonlySet<number>;
    /** Only with backoffLimitPerIndex. */
    readonly failed?: ReadonlySet<number>;
    readonly toReplace: ReadonlyMap<number, Pod>;
  };
  readonly now: number;
}

export function pictureOf(
  job: Job,
  pods: readonly Pod[],
  { records, now }: { readonly records: FailureRecords; readonly now: number },
): JobPicture {
  const active = pods.filter(isPodActive);
  const { succeeded = [], failed = [] } = job.status?.uncountedTerminatedPods ?? {};
  const isNews = (pod: Pod, uncounted: readonly string[]): boolean =>
    isTracked(pod) &&
    !uncounted.includes(metaOf(pod).uid) &&
    (!isIndexed(job) || indexOf(job, pod) !== undefined);
  const newSucceeded = pods.filter(
    (pod) => pod.status?.phase === 'Succeeded' && isNews(pod, succeeded),
  );
  const newFailed = pods.filter((pod) => isFailed(job, pod) && isNews(pod, failed));
  const counted = newFailed.filter((pod) => judgeFailure(job, pod).isCounted);
  const indexes = isIndexed(job) ? indexesOf(job, pods) : undefined;
  return {
    job,
    pods,
    active,
    terminating: pods.filter(isTerminating),
    succeeded:
      indexes?.succeeded.size ??
      (job.status?.succeeded ?? 0) + newSucceeded.length + succeeded.length,
    failed: (job.status?.failed ?? 0) + counted.length + failed.length,
    failures: records.with(metaOf(job).uid, newSucceeded, newFailed),
    ...(indexes && { indexes }),
    now,
  };
}

function indexesOf(job: Job, pods: readonly Pod[]): NonNullable<JobPicture['indexes']> {
  const of = (some: readonly Pod[]): Set<number> =>
    new Set(some.flatMap((pod) => indexOf(job, pod) ?? []));
  const active = of(pods.filter(isPodActive));
  const succeeded = new Set([
    ...parseIndexes(job.status?.completedIndexes, job.spec?.completions),
    ...of(pods.filter((pod) => pod.status?.phase === 'Succeeded' && isTracked(pod))),
  ]);
  const failed = hasLimitPerIndex(job) ? failedIndexes(job, pods) : undefined;
  return {
    active,
    terminating: of(pods.filter(isTerminating)),
    succeeded,
    ...(failed && { failed }),
    toReplace: failed ? podsToReplace(job, pods, [active, succeeded, failed]) : new Map(),
  };
}
