import type { Deployment } from 'kubernetes-types/apps/v1.js';
import { scaledValue } from '../scaled-value.ts';

export function replicasOf({ spec }: { readonly spec?: { readonly replicas?: number } }): number {
  return spec?.replicas ?? 1;
}

export function isRollingUpdate({ spec }: Deployment): boolean {
  return (spec?.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

/** How many Pods more than wanted a rollout may run. */
export function maxSurge(deployment: Deployment): number {
  return isRollingUpdate(deployment) ? fenceposts(deployment).surge : 0;
}

/** How many Pods fewer than wanted a rollout may leave available. */
export function maxUnavailable(deployment: Deployment): number {
  if (!isRollingUpdate(deployment)) return 0;
  return Math.min(fenceposts(deployment).unavailable, replicasOf(deployment));
}

/** Surge rounds up, unavailable down; both 0 would stand still for ever, so one may be unavailable. */
function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const { maxSurge: surgeOr, maxUnavailable: unavailableOr } =
    deployment.spec?.strategy?.rollingUpdate ?? {};
  const replicas = replicasOf(deployment);
  const surge = scaledValue(surgeOr ?? '25%', replicas, Math.ceil);
  const unavailable = scaledValue(unavailableOr ?? '25%', replicas, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}
