import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { createPod, deletePod, type PodControl } from '../pod-control.ts';
import { slowStart } from '../slow-start.ts';
import { chooseVictims } from './victims.ts';

export interface ReplicasOptions extends PodControl {
  readonly related: () => Iterable<Pod>;
  readonly now: number;
}

/**
 * Upstream's burst is 500. Writes are synchronous here, so fewer at a time: the Pods just made bring
 * the ReplicaSet back into the queue, and requests get their turn in between.
 */
const BURST = 100;

/** Creates the Pods that are missing or deletes the surplus; returns what went wrong, if anything. */
export function manageReplicas(
  set: ReplicaSet,
  active: readonly Pod[],
  options: ReplicasOptions,
): unknown {
  const surplus = active.length - (set.spec?.replicas ?? 1);
  if (surplus < 0) {
    return slowStart(Math.min(-surplus, BURST), () => createPod(set, set.spec?.template, options));
  }
  if (surplus === 0) return undefined;
  const { related, now } = options;
  const victims = chooseVictims(active, {
    count: Math.min(surplus, BURST),
    related: related(),
    now,
  });
  const errors = victims.flatMap((pod) => deletePod(set, pod, options));
  return errors[0];
}
