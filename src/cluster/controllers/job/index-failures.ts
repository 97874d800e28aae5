import type { Job } from 'kubernetes-types/batch/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { backOffDelay } from './back-off.ts';
import { judgeFailure } from './failure-policy.ts';
import { parseIndexes } from './indexes.ts';
import { finishedAt, indexOf, isFailed, isTracked } from './job-pod.ts';

const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** KEP-3850: each index has a limit of its own. */
export function hasLimitPerIndex({ spec }: Job): boolean {
  return spec?.backoffLimitPerIndex !== undefined;
}

/** The indexes that will not be tried again: those the status names, and those failed since. */
export function failedIndexes(job: Job, pods: readonly Pod[]): Set<number> {
  const failed = parseIndexes(job.status?.failedIndexes, job.spec?.completions);
  for (const pod of pods) {
    const index = indexOf(job, pod);
    if (index === undefined || !isTracked(pod) || !isFailed(job, pod)) continue;
    const { action, isCounted } = judgeFailure(job, pod);
    const isOverLimit =
      isCounted && countOf(pod, FAILURES) >= (job.spec?.backoffLimitPerIndex ?? Infinity);
    if (action === 'FailIndex' || isOverLimit) failed.add(index);
  }
  return failed;
}

/**
 * Of each index that is to be tried again the Pod that failed last. It keeps its finalizer until its
 * successor is there, which takes over the count of failures.
 */
export function podsToReplace(
  job: Job,
  pods: readonly Pod[],
  settled: readonly ReadonlySet<number>[],
): Map<number, Pod> {
  const latest = new Map<number, Pod>();
  for (const pod of pods) {
    const index = indexOf(job, pod);
    if (index === undefined || !isTracked(pod) || !isFailed(job, pod)) continue;
    if (settled.some((indexes) => indexes.has(index))) continue;
    const known = latest.get(index);
    const isLater =
      !known ||
      allFailures(known) < allFailures(pod) ||
      (allFailures(known) === allFailures(pod) && finishedAt(known) <= finishedAt(pod));
    if (isLater) latest.set(index, pod);
  }
  return latest;
}

/** Milliseconds until the Pod's index may be tried again. */
export function retryDelay(pod: Pod, now: number): number {
  return backOffDelay({ failures: allFailures(pod) + 1, lastFailureAt: finishedAt(pod) }, now);
}

/** What the Pod of an index carries about those that failed before it. */
export function failureCounts(job: Job, replaced: Pod | undefined): Record<string, string> {
  if (!hasLimitPerIndex(job)) return {};
  if (!replaced) return { [FAILURES]: '0' };
  const { isCounted } = judgeFailure(job, replaced);
  const ignored = countOf(replaced, IGNORED_FAILURES) + (isCounted ? 0 : 1);
  return {
    [FAILURES]: String(countOf(replaced, FAILURES) + (isCounted ? 1 : 0)),
    ...(ignored > 0 && { [IGNORED_FAILURES]: String(ignored) }),
  };
}

function allFailures(pod: Pod): number {
  return countOf(pod, FAILURES) + countOf(pod, IGNORED_FAILURES);
}

function countOf({ metadata }: Pod, annotation: string): number {
  const count = Number(metadata?.annotations?.[annotation] ?? '0');
  return Number.isInteger(count) && count > 0 ? count : 0;
}
