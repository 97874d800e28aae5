import type { StatefulSet, StatefulSetStatus } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { isBeingDeleted, metaOf } from '../object-meta.ts';
import { isPodReady, msUntilAvailable } from '../pod-status.ts';
import { dropZeros } from '../status-counts.ts';
import { revisionOf } from './identity.ts';
import type { Revisions } from './replicas.ts';

export interface StatusInput extends Revisions {
  readonly pods: readonly Pod[];
  readonly collisionCount: number | undefined;
  readonly now: number;
}

export function statefulSetStatus(
  set: StatefulSet,
  { pods, current, update, collisionCount = 0, now }: StatusInput,
): StatefulSetStatus {
  const replicas = set.spec?.replicas ?? 1;
  const minReadySeconds = set.spec?.minReadySeconds ?? 0;
  const madeFrom = (revision: string): number =>
    pods.filter((pod) => !isBeingDeleted(pod) && revisionOf(pod) === revision).length;
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod));
  const available = ready.filter((pod) => msUntilAvailable(pod, { minReadySeconds, now }) === 0);
  const updatedReplicas = madeFrom(metaOf(update).name);
  const isRolledOut =
    set.spec?.updateStrategy?.type === 'RollingUpdate' &&
    [updatedReplicas, ready.length, pods.length].every((count) => count === replicas);
  const currentRevision = metaOf(isRolledOut ? update : current).name;
  const { conditions } = set.status ?? {};
  return {
    ...dropZeros({
      observedGeneration: set.metadata?.generation ?? 0,
      readyReplicas: ready.length,
      currentReplicas: madeFrom(currentRevision),
      updatedReplicas,
    }),
    replicas: pods.length,
    availableReplicas: available.length,
    currentRevision,
    updateRevision: metaOf(update).name,
    collisionCount,
    ...(conditions && { conditions }),
  };
}
