import type { Pod, PodCondition } from 'kubernetes-types/core/v1.js';
import { isBeingDeleted } from './object-meta.ts';

export function readyCondition(pod: Pod): PodCondition | undefined {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready');
}

export function isPodReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === 'True';
}

/** Succeeded or Failed: the Pod will never run again. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Counts as a replica: neither terminal nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && !isBeingDeleted(pod);
}

/** Milliseconds until a ready Pod counts as available; 0 when it does, `undefined` when it is not ready. */
export function msUntilAvailable(
  pod: Pod,
  { minReadySeconds, now }: { readonly minReadySeconds: number; readonly now: number },
): number | undefined {
  const ready = readyCondition(pod);
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  if (!ready.lastTransitionTime) return undefined;
  return Math.max(0, Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 - now);
}

/** When the next of the Pods becomes available by nothing but time, which nobody writes down. */
export function msUntilNextAvailable(
  pods: readonly Pod[],
  options: { readonly minReadySeconds: number; readonly now: number },
): number | undefined {
  const waits = pods.map((pod) => msUntilAvailable(pod, options) ?? 0).filter((wait) => wait > 0);
  return waits.length > 0 ? Math.min(...waits) : undefined;
}
