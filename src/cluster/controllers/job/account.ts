import type { JobStatus } from 'kubernetes-types/batch/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { isBeingDeleted, metaOf } from '../object-meta.ts';
import type { Outcome } from './conditions.ts';
import { judgeFailure } from './failure-policy.ts';
import { formatIndexes, parseIndexes } from './indexes.ts';
import { indexOf, isFailed, isIndexed, isTracked } from './job-pod.ts';
import type { JobPicture } from './picture.ts';

export interface Accounts {
  readonly status: JobStatus;
  /** Pods that are written down and may lose their finalizer once `status` is stored. */
  readonly settled: readonly Pod[];
}

/** As upstream's: what a status may hold uncounted. */
const MAX_UNCOUNTED = 500;

/**
 * KEP-2307, first half: what has ended is written down by uid while its finalizer keeps it; the
 * counters follow when the finalizer is gone, so that no crash counts a Pod twice or never.
 */
export function writeDown(picture: JobPicture, outcome: Outcome | undefined): Accounts {
  const { job, pods } = picture;
  const status = settle(job.status ?? {}, pods);
  const counted = parseIndexes(status.completedIndexes, job.spec?.completions);
  const known = status.uncountedTerminatedPods ?? {};
  const succeeded = [...(known.succeeded ?? [])];
  const failed = [...(known.failed ?? [])];
  const settled: Pod[] = [];
  const inOrder = isIndexed(job)
    ? pods.toSorted((a, b) => (indexOf(job, a) ?? -1) - (indexOf(job, b) ?? -1))
    : pods;
  for (const pod of inOrder) {
    if (!isTracked(pod) || !mayLetGo(picture, pod, outcome)) continue;
    settled.push(pod);
    const { uid } = metaOf(pod);
    const index = indexOf(job, pod);
    const isValid = !isIndexed(job) || index !== undefined;
    if (pod.status?.phase === 'Succeeded' && !failed.includes(uid)) {
      if (index !== undefined && isIndexed(job)) counted.add(index);
      else if (!isIndexed(job) && !succeeded.includes(uid)) succeeded.push(uid);
    } else if (isFailed(job, pod) || outcome?.kind === 'failed') {
      if (isValid && !failed.includes(uid) && judgeFailure(job, pod).isCounted) failed.push(uid);
    }
    if (counted.size + succeeded.length + failed.length >= MAX_UNCOUNTED + picture.succeeded) break;
  }
  return {
    status: withIndexes(picture, withUncounted(status, { succeeded, failed }), counted),
    settled,
  };
}

/** Second half: what no longer has its finalizer moves from the list into the counter. */
export function settle(status: JobStatus, pods: readonly Pod[]): JobStatus {
  const held = new Set(pods.filter(isTracked).map((pod) => metaOf(pod).uid));
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const isHeld = (uid: string): boolean => held.has(uid);
  const left = { succeeded: succeeded.filter(isHeld), failed: failed.filter(isHeld) };
  const add = (count: number | undefined, more: number): number => (count ?? 0) + more;
  return withUncounted(
    {
      ...status,
      succeeded: add(status.succeeded, succeeded.length - left.succeeded.length),
      failed: add(status.failed, failed.length - left.failed.length),
    },
    left,
  );
}

export function isSettled({ uncountedTerminatedPods }: JobStatus): boolean {
  const { succeeded = [], failed = [] } = uncountedTerminatedPods ?? {};
  return succeeded.length + failed.length === 0;
}

function mayLetGo({ job, indexes }: JobPicture, pod: Pod, outcome: Outcome | undefined): boolean {
  if (isBeingDeleted(job) || outcome || pod.status?.phase === 'Succeeded') return true;
  if (!isFailed(job, pod)) return false;
  const index = indexOf(job, pod);
  return index === undefined || indexes?.toReplace.get(index) !== pod;
}

function withUncounted(
  status: JobStatus,
  { succeeded, failed }: { readonly succeeded: string[]; readonly failed: string[] },
): JobStatus {
  return {
    ...status,
    uncountedTerminatedPods: {
      ...(succeeded.length > 0 && { succeeded }),
      ...(failed.length > 0 && { failed }),
    },
  };
}

function withIndexes(
  { job, indexes }: JobPicture,
  status: JobStatus,
  counted: ReadonlySet<number>,
): JobStatus {
  if (!isIndexed(job)) return status;
  const completedIndexes = formatIndexes(counted);
  return {
    ...status,
    succeeded: counted.size,
    completedIndexes,
    ...(indexes?.failed && { failedIndexes: formatIndexes(indexes.failed) }),
  };
}
