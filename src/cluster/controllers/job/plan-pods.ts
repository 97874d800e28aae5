import type { Pod } from 'kubernetes-types/core/v1.js';
import { chooseVictims } from '../replicaset/victims.ts';
import { backOffDelay } from './back-off.ts';
import { hasLimitPerIndex, retryDelay } from './index-failures.ts';
import { firstFreeIndexes } from './indexes.ts';
import { indexOf, replacesOnlyFailed } from './job-pod.ts';
import { isSuspended } from './judge.ts';
import type { JobPicture } from './picture.ts';

export interface PodPlan {
  /** Of each Pod to be created its index, or `undefined` in a Job without. */
  readonly create: readonly (number | undefined)[];
  readonly delete: readonly Pod[];
  /** Milliseconds after which more may be created. */
  readonly wait?: number;
}

/** Upstream's is 500; Pods just made bring the Job back, and requests get their turn in between. */
const BURST = 100;

/** Deletes the surplus, or else creates what is missing: never both in one pass. */
export function planPods(picture: JobPicture): PodPlan {
  const { active } = picture;
  if (isSuspended(picture.job)) return { create: [], delete: active };
  const wanted = wantedActive(picture);
  const surplus = surplusPods(picture, Math.max(0, active.length - wanted));
  if (surplus.length > 0) return { create: [], delete: surplus.slice(0, BURST) };
  return planCreation(picture, wanted);
}

function wantedActive({ job, active, succeeded }: JobPicture): number {
  const { completions, parallelism = 1 } = job.spec ?? {};
  if (completions !== undefined) return Math.max(0, Math.min(completions - succeeded, parallelism));
  // A work queue: once one has found it empty, the others only finish.
  return succeeded > 0 ? active.length : parallelism;
}

function planCreation(picture: JobPicture, wanted: number): PodPlan {
  const { job, active, terminating, indexes, failures, now } = picture;
  const ending = replacesOnlyFailed(job) ? terminating.length : 0;
  const missing = Math.min(BURST, wanted - ending - active.length);
  if (missing <= 0) return { create: [], delete: [] };
  const wait = hasLimitPerIndex(job) ? 0 : backOffDelay(failures, now);
  if (wait > 0) return { create: [], delete: [], wait };
  if (!indexes) return { create: Array.from({ length: missing }, () => undefined), delete: [] };
  const free = firstFreeIndexes(missing, job.spec?.completions ?? 0, [
    indexes.active,
    indexes.succeeded,
    ...(replacesOnlyFailed(job) ? [indexes.terminating] : []),
    ...(indexes.failed ? [indexes.failed] : []),
  ]);
  const delays = new Map(
    free.map((index) => {
      const failed = indexes.toReplace.get(index);
      return [index, failed ? retryDelay(failed, now) : 0];
    }),
  );
  const waits = [...delays.values()].filter((delay) => delay > 0);
  return {
    create: free.filter((index) => delays.get(index) === 0),
    delete: [],
    ...(waits.length > 0 && { wait: Math.min(...waits) }),
  };
}

/** Pods of an index that is none, or that another Pod has too, and then as many as are too many. */
function surplusPods({ job, active, indexes, now }: JobPicture, atLeast: number): readonly Pod[] {
  const inVictimOrder = (pods: readonly Pod[]): readonly Pod[] =>
    chooseVictims(pods, { count: pods.length - 1, related: [], now });
  const useless = indexes
    ? [...Map.groupBy(active, (pod) => indexOf(job, pod))].flatMap(([index, pods]) => {
        if (index === undefined) return pods;
        return pods.length > 1 ? inVictimOrder(pods) : [];
      })
    : [];
  const missing = atLeast - useless.length;
  if (missing <= 0) return useless;
  const others = active.filter((pod) => !useless.includes(pod));
  return [...useless, ...chooseVictims(others, { count: missing, related: [], now })];
}
