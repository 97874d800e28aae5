import type { Workload } from './workload.ts';

/** How many Pods a rollout takes out of service at a time, of how many. */
export function rolloutCost(workload: Workload): {
  readonly replicas: number;
  readonly unavailable: number;
} {
  switch (workload.kind) {
    case 'deployment': {
      const { replicas = 1, strategy } = workload.object.spec ?? {};
      if (strategy?.type === 'Recreate') return { replicas, unavailable: replicas };
      const { maxUnavailable = '25%', maxSurge = '25%' } = strategy?.rollingUpdate ?? {};
      const unavailable = share(maxUnavailable, replicas, Math.floor);
      // Without both nothing could move: the controller takes one out then.
      const stuck = unavailable === 0 && share(maxSurge, replicas, Math.ceil) === 0;
      return { replicas, unavailable: stuck ? 1 : unavailable };
    }
    case 'statefulset': {
      const { replicas = 1, updateStrategy } = workload.object.spec ?? {};
      const { maxUnavailable = 1 } = (updateStrategy?.rollingUpdate ?? {}) as {
        maxUnavailable?: number | string;
      };
      return { replicas, unavailable: Math.max(1, share(maxUnavailable, replicas, Math.floor)) };
    }
    case 'daemonset': {
      const { spec, status } = workload.object;
      const replicas = status?.desiredNumberScheduled ?? 0;
      const { maxUnavailable = 1, maxSurge = 0 } = spec?.updateStrategy?.rollingUpdate ?? {};
      if (share(maxSurge, replicas, Math.ceil) > 0) return { replicas, unavailable: 0 };
      return { replicas, unavailable: Math.max(1, share(maxUnavailable, replicas, Math.ceil)) };
    }
  }
}

function share(value: number | string, of: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) / 100) * of);
}

/** Why a change of the template does not reach every Pod by itself; undefined where it does. */
export function whyNoRollout(workload: Workload): string | undefined {
  switch (workload.kind) {
    case 'deployment':
      return workload.object.spec?.paused
        ? 'it is paused: its Pods would not get the label (kubectl rollout resume)'
        : undefined;
    case 'statefulset': {
      const { type, rollingUpdate } = workload.object.spec?.updateStrategy ?? {};
      if (type === 'OnDelete') return onDelete;
      const partition = rollingUpdate?.partition ?? 0;
      return partition > 0
        ? `its partition is ${partition}: the Pods below it would not get the label`
        : undefined;
    }
    case 'daemonset':
      return workload.object.spec?.updateStrategy?.type === 'OnDelete' ? onDelete : undefined;
  }
}

const onDelete =
  'its update strategy is OnDelete: its Pods get the label only when they are deleted';

/** As `kubectl rollout status` judges it. */
export function isRolledOut(workload: Workload): boolean {
  const { metadata } = workload.object;
  const observed = workload.object.status?.observedGeneration ?? 0;
  if (observed < (metadata?.generation ?? 0)) return false;
  switch (workload.kind) {
    case 'daemonset': {
      const { status } = workload.object;
      const wanted = status?.desiredNumberScheduled ?? 0;
      const updated = status?.updatedNumberScheduled ?? 0;
      return updated >= wanted && (status?.numberAvailable ?? 0) >= wanted;
    }
    case 'deployment': {
      const { spec, status } = workload.object;
      const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
      const wanted = spec?.replicas ?? 1;
      return (
        updatedReplicas >= wanted && availableReplicas >= wanted && replicas <= updatedReplicas
      );
    }
    case 'statefulset': {
      const { spec, status } = workload.object;
      const isReady = (status?.readyReplicas ?? 0) >= (spec?.replicas ?? 1);
      return isReady && status?.currentRevision === status?.updateRevision;
    }
  }
}
