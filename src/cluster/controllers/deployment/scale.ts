import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js';
import { desiredReplicas, maxReplicas } from './annotations.ts';
import { isRollingUpdate, maxSurge, replicasOf } from './fenceposts.ts';
import type { Rollout } from './rollout.ts';
import { byCreation, bySizeThenNewer, bySizeThenOlder } from './set-order.ts';
import { allOf, type Sets, sum } from './status.ts';

/** Whether the Deployment's size changed since its ReplicaSets last took note of it. */
export function isScalingEvent(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return sets.filter(isActive).some((set) => {
    const desired = desiredReplicas(set);
    return desired !== undefined && desired !== replicasOf(deployment);
  });
}

/** Resizes the ReplicaSets without rolling on: all of it to the only one, or in proportion to several. */
export function scale(rollout: Rollout, sets: Sets): Sets {
  const { deployment } = rollout;
  const only = activeOrLatest(sets);
  if (only) return replaced(sets, [rollout.resize(only, replicasOf(deployment))]);
  if (isSaturated(deployment, sets.newest)) {
    return replaced(
      sets,
      sets.old.filter(isActive).map((set) => rollout.resize(set, 0)),
    );
  }
  if (!isRollingUpdate(deployment)) return sets;
  return replaced(sets, proportionally(rollout, allOf(sets).filter(isActive)));
}

export function isActive(set: ReplicaSet): boolean {
  return replicasOf(set) > 0;
}

function proportionally(rollout: Rollout, active: readonly ReplicaSet[]): ReplicaSet[] {
  const { deployment } = rollout;
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0;
  const toAdd = allowed - sum(active, replicasOf);
  const sorted = active.toSorted(toAdd > 0 ? bySizeThenNewer : bySizeThenOlder);
  let added = 0;
  const sizes = sorted.map((set) => {
    const share = toAdd === 0 ? 0 : shareOf(set, deployment, { toAdd, added });
    added += share;
    return replicasOf(set) + share;
  });
  // What rounding left over goes to the largest.
  return sorted.map((set, index) => {
    const size = (sizes[index] ?? 0) + (index === 0 ? toAdd - added : 0);
    return rollout.resize(set, Math.max(0, size));
  });
}

function shareOf(
  set: ReplicaSet,
  deployment: Deployment,
  { toAdd, added }: { readonly toAdd: number; readonly added: number },
): number {
  if (replicasOf(set) === 0 || toAdd === added) return 0;
  const share = fractionOf(set, deployment);
  return toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added);
}

/** The growth that keeps the set's part of the whole what it was when the Deployment had its former size. */
function fractionOf(set: ReplicaSet, deployment: Deployment): number {
  const size = replicasOf(set);
  const wanted = replicasOf(deployment);
  if (wanted === 0) return -size;
  const before = maxReplicas(set) || deployment.status?.replicas || 1;
  return Math.round((size * (wanted + maxSurge(deployment))) / before) - size;
}

/** The ReplicaSet that alone carries the Deployment; `undefined` while several do. */
function activeOrLatest({ newest, old }: Sets): ReplicaSet | undefined {
  const active = allOf({ newest, old }).filter(isActive);
  if (active.length > 1) return undefined;
  return active[0] ?? newest ?? old.toSorted(byCreation).at(-1);
}

function isSaturated(deployment: Deployment, newest: ReplicaSet | undefined): boolean {
  const wanted = replicasOf(deployment);
  return (
    newest !== undefined &&
    desiredReplicas(newest) === wanted &&
    replicasOf(newest) === wanted &&
    (newest.status?.availableReplicas ?? 0) === wanted
  );
}

function replaced({ newest, old }: Sets, updates: readonly ReplicaSet[]): Sets {
  const byName = new Map(updates.map((set) => [set.metadata?.name, set]));
  const latest = (set: ReplicaSet) => byName.get(set.metadata?.name) ?? set;
  return { newest: newest && latest(newest), old: old.map(latest) };
}
