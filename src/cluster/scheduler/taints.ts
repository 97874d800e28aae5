import type { Node, Taint, Toleration } from 'kubernetes-types/core/v1.js';

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
/** What the node lifecycle controller is about to put on a node that is not Ready. */
const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** What keeps Pods off the node, or drives them away, unless they tolerate it. */
export function taintsOf({ spec, status }: Node): Taint[] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const taints = (spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  return ready?.status === 'True' ? taints : [...taints, NOT_READY];
}

export function isUntolerated(node: Node, tolerations: readonly Toleration[]): boolean {
  return taintsOf(node).some((taint) => !isTolerated(taint, tolerations));
}

/** A cordoned node takes only those that tolerate just that. */
export function isCordoned({ spec }: Node, tolerations: readonly Toleration[]): boolean {
  return spec?.unschedulable === true && !isTolerated(UNSCHEDULABLE, tolerations);
}

/** How many of the taints a Pod had better avoid it does not tolerate. */
export function unwelcome({ spec }: Node, tolerations: readonly Toleration[]): number {
  return (spec?.taints ?? []).filter(
    (taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(taint, tolerations),
  ).length;
}

export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

export function tolerates(
  { key, operator = 'Equal', value = '', effect }: Toleration,
  taint: Taint,
): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (!key && operator !== 'Exists') return false;
  return operator === 'Exists' || value === (taint.value ?? '');
}
