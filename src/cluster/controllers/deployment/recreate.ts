import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { controllerOf } from '../object-meta.ts';
import { isPodTerminal } from '../pod-status.ts';
import { replicasOf } from './fenceposts.ts';
import { sortOut } from './newest-set.ts';
import type { Rollout } from './rollout.ts';
import { isActive } from './scale.ts';
import type { Sets } from './status.ts';

/** One step of strategy Recreate: the old Pods end, all of them, before the first new one starts. */
export function recreateStep(
  rollout: Rollout,
  sets: readonly ReplicaSet[],
  pods: readonly Pod[],
): Sets {
  const { newest, old } = sortOut(rollout, sets, { create: false });
  if (old.some(isActive)) {
    return {
      newest,
      old: old.map((set) => (isActive(set) ? rollout.resize(set, 0) : set)),
    };
  }
  if (isAnyOldPodRunning(pods, newest, old)) return { newest, old };
  const ready = sortOut(rollout, newest ? [...old, newest] : old, { create: true });
  const wanted = replicasOf(rollout.deployment);
  return ready.newest && replicasOf(ready.newest) !== wanted
    ? { newest: rollout.resize(ready.newest, wanted), old: ready.old }
    : ready;
}

/** Terminating Pods count too: two versions must never run side by side. */
function isAnyOldPodRunning(
  pods: readonly Pod[],
  newest: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): boolean {
  const oldUids = new Set(old.map(({ metadata }) => metadata?.uid));
  return pods.some((pod) => {
    const owner = controllerOf(pod)?.uid;
    return owner !== newest?.metadata?.uid && oldUids.has(owner) && !isPodTerminal(pod);
  });
}
