import type { ReplicaSet, ReplicaSetStatus } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { timestamp } from '../clock.ts';
import { isPodReady, msUntilAvailable } from '../pod-status.ts';
import { messageOf } from '../api-errors.ts';
import { dropZeros } from '../status-counts.ts';

/** Upstream's since 1.35; newer than the types. */
export type Status = ReplicaSetStatus & { readonly terminatingReplicas?: number };

export interface StatusInput {
  readonly pods: readonly Pod[];
  readonly terminating: number;
  /** What went wrong while creating or deleting Pods. */
  readonly error: unknown;
  readonly now: number;
}

export function replicaSetStatus(
  set: ReplicaSet,
  { pods, terminating, error, now }: StatusInput,
): Status {
  const templateLabels = Object.entries(set.spec?.template?.metadata?.labels ?? {});
  const minReadySeconds = set.spec?.minReadySeconds ?? 0;
  return {
    replicas: pods.length,
    ...dropZeros({
      fullyLabeledReplicas: pods.filter(({ metadata }) =>
        templateLabels.every(([key, value]) => metadata?.labels?.[key] === value),
      ).length,
      readyReplicas: pods.filter(isPodReady).length,
      availableReplicas: pods.filter((pod) => msUntilAvailable(pod, { minReadySeconds, now }) === 0)
        .length,
      observedGeneration: set.metadata?.generation ?? 0,
    }),
    terminatingReplicas: terminating,
    ...conditions(set, pods.length, error, now),
  };
}

function conditions(
  set: ReplicaSet,
  active: number,
  error: unknown,
  now: number,
): Pick<Status, 'conditions'> {
  const known = set.status?.conditions ?? [];
  const others = known.filter(({ type }) => type !== 'ReplicaFailure');
  if (error === undefined) return others.length > 0 ? { conditions: others } : {};
  if (others.length < known.length) return { conditions: known };
  const reason = active < (set.spec?.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete';
  return {
    conditions: [
      ...others,
      {
        type: 'ReplicaFailure',
        status: 'True',
        reason,
        message: messageOf(error),
        lastTransitionTime: timestamp(now),
      },
    ],
  };
}
