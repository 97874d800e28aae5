import type { DaemonSet } from 'kubernetes-types/apps/v1.js';
import type { Node, Pod } from 'kubernetes-types/core/v1.js';
import { msUntilAvailable } from '../pod-status.ts';
import { scaledValue } from '../scaled-value.ts';

/** What is to be done about a DaemonSet's Pods. */
export interface Changes {
  /** The names of the nodes on which a Pod is to be started. */
  readonly create: readonly string[];
  readonly delete: readonly Pod[];
}

/** All that a decision about one DaemonSet is made from. */
export interface Picture {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  /** Its Pods by the name of the node they are on, or are made for. */
  readonly pods: ReadonlyMap<string, readonly Pod[]>;
  /** Of the revision that Pods are made from. */
  readonly hash: string;
  readonly now: number;
}

export function isAvailable({ set, now }: Picture, pod: Pod): boolean {
  const minReadySeconds = set.spec?.minReadySeconds ?? 0;
  return msUntilAvailable(pod, { minReadySeconds, now }) === 0;
}

/** How many Pods of `desired` a rollout may have too many, and too few, at once. */
export function rolloutBounds(
  { spec }: DaemonSet,
  desired: number,
): { readonly surge: number; readonly unavailable: number } {
  if (spec?.updateStrategy?.type !== 'RollingUpdate') return { surge: 0, unavailable: 0 };
  const { maxSurge = 0, maxUnavailable = 1 } = spec.updateStrategy.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, desired, Math.ceil);
  const unavailable = scaledValue(maxUnavailable, desired, Math.ceil);
  // Both 0 would be a standstill.
  return { surge, unavailable: surge === 0 ? Math.max(1, unavailable) : unavailable };
}
