import type { Pod } from 'kubernetes-types/core/v1.js';

/** How long a deleted Pod may take to end. */
export function graceMsOf(pod: Pod): number {
  return (pod.metadata?.deletionGracePeriodSeconds ?? 30) * 1000;
}

/** Whether its deletion has begun. */
export function isDeleted(pod: Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined;
}

/** Whether it has come to its end, whoever found so. */
export function isOver(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** The conditions of the Pod's readiness gates, which others write. */
export function gates(pod: Pod): unknown {
  const types = (pod.spec?.readinessGates ?? []).map(({ conditionType }) => conditionType);
  const conditions = pod.status?.conditions ?? [];
  return types.map((type) => conditions.find((condition) => condition.type === type)?.status);
}

/** What the downward API shows of a living Pod. */
export function shown(pod: Pod): unknown {
  return [pod.metadata?.labels, pod.metadata?.annotations];
}

/** How long its containers may take to end, unless a deletion or a probe says otherwise. */
export function specGraceMsOf({ spec }: Pod): number {
  return (spec?.terminationGracePeriodSeconds ?? 30) * 1000;
}
