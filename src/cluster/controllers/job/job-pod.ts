import type { Job } from 'kubernetes-types/batch/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { isBeingDeleted } from '../object-meta.ts';
import { isPodTerminal, readyCondition } from '../pod-status.ts';

/** On a Pod that its Job has not counted yet: it must not disappear before. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
export const INDEX_KEY = 'batch.kubernetes.io/job-completion-index';

export function isTracked({ metadata }: Pod): boolean {
  return metadata?.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

export function isIndexed({ spec }: Job): boolean {
  return spec?.completionMode === 'Indexed';
}

/** `undefined` where there is none, or none that the Job has. */
export function indexOf(job: Job, { metadata }: Pod): number | undefined {
  const text = metadata?.annotations?.[INDEX_KEY];
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const index = Number(text);
  return index < (job.spec?.completions ?? 0) ? index : undefined;
}

/** KEP-3939: a terminating Pod is no failure yet, and is not replaced before it is one. */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec?.podReplacementPolicy === 'Failed' || spec?.podFailurePolicy !== undefined;
}

export function isFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (replacesOnlyFailed(job)) return false;
  // An orphan of a lost node never gets to phase Failed.
  return isBeingDeleted(pod) && pod.status?.phase !== 'Succeeded';
}

export function isTerminating(pod: Pod): boolean {
  return isBeingDeleted(pod) && !isPodTerminal(pod);
}

/** When the Pod's last container ended, in milliseconds; the nearest thing known when none says. */
export function finishedAt(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).flatMap(
    ({ state }) => state?.terminated?.finishedAt ?? [],
  );
  if (ends.length > 0) return Math.max(...ends.map((end) => Date.parse(end)));
  const ready = readyCondition(pod);
  if (ready?.status === 'False' && ready.lastTransitionTime) {
    return Date.parse(ready.lastTransitionTime);
  }
  const {
    deletionTimestamp,
    deletionGracePeriodSeconds = 0,
    creationTimestamp = '',
  } = pod.metadata ?? {};
  return deletionTimestamp === undefined
    ? Date.parse(creationTimestamp)
    : Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
}
