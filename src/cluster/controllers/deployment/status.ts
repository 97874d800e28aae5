import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
} from 'kubernetes-types/apps/v1.js';
import { metaOf } from '../object-meta.ts';
import { dropZeros } from '../status-counts.ts';
import {
  type Conditions,
  findCondition,
  renewCondition,
  setCondition,
  withoutCondition,
} from './conditions.ts';
import { maxUnavailable, replicasOf } from './fenceposts.ts';

/** Upstream's since 1.35; newer than the types. */
export type Status = DeploymentStatus & { readonly terminatingReplicas?: number };

export interface Sets {
  /** The ReplicaSet of the current template, once it exists. */
  readonly newest: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

export function allOf({ newest, old }: Sets): ReplicaSet[] {
  return newest ? [...old, newest] : [...old];
}

/** Counts and the Available condition; the other conditions stay as they are. */
export function countedStatus(deployment: Deployment, sets: Sets, now: number): Status {
  const all = allOf(sets);
  const available = sum(all, ({ status }) => status?.availableReplicas);
  const wanted = sum(all, replicasOf);
  const isAvailable = available >= replicasOf(deployment) - maxUnavailable(deployment);
  const { collisionCount, conditions = [] } = deployment.status ?? {};
  return {
    ...dropZeros({
      observedGeneration: deployment.metadata?.generation ?? 0,
      replicas: sum(all, ({ status }) => status?.replicas),
      updatedReplicas: sets.newest?.status?.replicas ?? 0,
      readyReplicas: sum(all, ({ status }) => status?.readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wanted - available),
    }),
    terminatingReplicas: sum(
      all,
      ({ status }) => (status as { terminatingReplicas?: number } | undefined)?.terminatingReplicas,
    ),
    ...(collisionCount !== undefined && { collisionCount }),
    conditions: setCondition(
      conditions,
      isAvailable
        ? {
            type: 'Available',
            status: 'True',
            reason: 'MinimumReplicasAvailable',
            message: 'Deployment has minimum availability.',
          }
        : {
            type: 'Available',
            status: 'False',
            reason: 'MinimumReplicasUnavailable',
            message: 'Deployment does not have minimum availability.',
          },
      now,
    ),
  };
}

/** The status while and after a rollout: counts, Available, Progressing, ReplicaFailure. */
export function rolloutStatus(deployment: Deployment, sets: Sets, now: number): Status {
  const status = countedStatus(deployment, sets, now);
  const progressed = hasDeadline(deployment)
    ? progressing(deployment, sets.newest, status, now)
    : withoutCondition(status.conditions ?? [], 'Progressing');
  return { ...status, conditions: replicaFailure(progressed, sets) };
}

/** 2^31 - 1 is how "no deadline" was written before the field could be left out. */
export function hasDeadline({ spec }: Deployment): boolean {
  return (
    spec?.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== 2 ** 31 - 1
  );
}

export function isComplete(deployment: Deployment, status: Status | undefined): boolean {
  const wanted = replicasOf(deployment);
  return (
    (status?.updatedReplicas ?? 0) === wanted &&
    (status?.replicas ?? 0) === wanted &&
    (status?.availableReplicas ?? 0) === wanted &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata?.generation ?? 0)
  );
}

/** Milliseconds until the progress deadline passes; `undefined` when no deadline runs. */
export function msUntilDeadline(
  deployment: Deployment,
  status: Status,
  now: number,
): number | undefined {
  const current = findCondition(status.conditions, 'Progressing');
  if (!hasDeadline(deployment) || !current?.lastUpdateTime) return undefined;
  if (isComplete(deployment, status) || DEADLINE_OVER.has(current.reason ?? '')) return undefined;
  return deadline(deployment, current.lastUpdateTime) - now;
}

const DEADLINE_OVER = new Set(['ProgressDeadlineExceeded', 'NewReplicaSetAvailable']);

function progressing(
  deployment: Deployment,
  newest: ReplicaSet | undefined,
  status: Status,
  now: number,
): DeploymentCondition[] {
  const conditions = status.conditions ?? [];
  const current = findCondition(deployment.status?.conditions, 'Progressing');
  // A finished rollout stays finished: Pods that fail later are not a matter of progress (C21).
  const wasFinished =
    status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (wasFinished) return conditions;
  const subject = newest
    ? `ReplicaSet "${metaOf(newest).name}"`
    : `Deployment "${metaOf(deployment).name}"`;
  if (isComplete(deployment, status)) {
    return setCondition(
      conditions,
      {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `${subject} has successfully progressed.`,
      },
      now,
    );
  }
  if (isProgressing(deployment, status)) {
    return renewCondition(
      conditions,
      {
        type: 'Progressing',
        status: 'True',
        reason: 'ReplicaSetUpdated',
        message: `${subject} is progressing.`,
      },
      now,
    );
  }
  if (isTimedOut(deployment, current, now)) {
    return setCondition(
      conditions,
      {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: `${subject} has timed out progressing.`,
      },
      now,
    );
  }
  return conditions;
}

function isProgressing({ status: before = {} }: Deployment, status: Status): boolean {
  const outdated = ({ replicas = 0, updatedReplicas = 0 }: Status) => replicas - updatedReplicas;
  return (
    (status.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    outdated(status) < outdated(before) ||
    (status.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function isTimedOut(
  deployment: Deployment,
  current: ReturnType<typeof findCondition>,
  now: number,
): boolean {
  if (!current?.lastUpdateTime || current.reason === 'NewReplicaSetAvailable') return false;
  if (current.reason === 'ProgressDeadlineExceeded') return true;
  return deadline(deployment, current.lastUpdateTime) < now;
}

function deadline({ spec }: Deployment, since: string): number {
  return Date.parse(since) + (spec?.progressDeadlineSeconds ?? 0) * 1000;
}

/** The newest ReplicaSet's failure counts first, then any other's. */
function replicaFailure(conditions: Conditions, { newest, old }: Sets): DeploymentCondition[] {
  const others = withoutCondition(conditions, 'ReplicaFailure');
  for (const set of newest ? [newest, ...old] : old) {
    const failure = set.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
    if (!failure) continue;
    const { status, reason = '', message = '', lastTransitionTime = '' } = failure;
    const copied = { type: 'ReplicaFailure', status, reason, message };
    return [...others, { ...copied, lastUpdateTime: lastTransitionTime, lastTransitionTime }];
  }
  return others;
}

export function sum<T>(items: Iterable<T>, amount: (item: T) => number | undefined): number {
  let total = 0;
  for (const item of items) total += amount(item) ?? 0;
  return total;
}
