import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import { maxUnavailable, replicasOf } from './fenceposts.ts';
import { sizeOfNewest } from './newest-set.ts';
import type { Rollout } from './rollout.ts';
import { byCreation } from './set-order.ts';
import { allOf, type Sets, sum } from './status.ts';

/** One step of a rolling update, up or down; the ReplicaSets' own status brings on the next. */
export function rollingUpdateStep(rollout: Rollout, sets: Sets): Sets {
  const grown = growNewest(rollout, sets);
  return grown === sets ? shrinkOld(rollout, sets) : grown;
}

function growNewest(rollout: Rollout, sets: Sets): Sets {
  const { newest, old } = sets;
  if (!newest) return sets;
  const current = replicasOf(newest);
  const wanted = replicasOf(rollout.deployment);
  const size = current > wanted ? wanted : sizeOfNewest(rollout.deployment, old, current);
  return size === current ? sets : { newest: rollout.resize(newest, size), old };
}

/** First those Pods that are not available anyway, then as many as the others make up for. */
function shrinkOld(rollout: Rollout, sets: Sets): Sets {
  const { deployment } = rollout;
  const { newest, old } = sets;
  if (sum(old, replicasOf) === 0) return sets;
  // Such a status is from before the last scale-down: those Pods must not be counted on twice.
  if (allOf(sets).some((set) => availableOf(set) > replicasOf(set))) return sets;
  const minAvailable = replicasOf(deployment) - maxUnavailable(deployment);
  const newestUnavailable = newest ? replicasOf(newest) - availableOf(newest) : 0;
  const budget = sum(allOf(sets), replicasOf) - minAvailable - newestUnavailable;
  if (budget <= 0) return sets;
  const withoutUnhealthy = shrink(
    rollout,
    old,
    budget,
    (set) => replicasOf(set) - availableOf(set),
  );
  const surplus =
    sum([...withoutUnhealthy, ...(newest ? [newest] : [])], availableOf) - minAvailable;
  return { newest, old: shrink(rollout, withoutUnhealthy, surplus, replicasOf) };
}

/** Takes up to `budget` replicas off the sets, oldest first, from each no more than `reach` says. */
function shrink(
  rollout: Rollout,
  sets: readonly ReplicaSet[],
  budget: number,
  reach: (set: ReplicaSet) => number,
): readonly ReplicaSet[] {
  let remaining = budget;
  return sets.toSorted(byCreation).map((set) => {
    const count = Math.min(remaining, reach(set), replicasOf(set));
    if (count <= 0) return set;
    remaining -= count;
    return rollout.resize(set, replicasOf(set) - count);
  });
}

function availableOf({ status }: ReplicaSet): number {
  return status?.availableReplicas ?? 0;
}
