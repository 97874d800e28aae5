import type { DeploymentCondition } from 'kubernetes-types/apps/v1.js';
import { timestamp } from '../clock.ts';

export type Conditions = readonly DeploymentCondition[];

export interface NewCondition {
  readonly type: 'Available' | 'Progressing' | 'ReplicaFailure';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export function findCondition(
  conditions: Conditions | undefined,
  type: NewCondition['type'],
): DeploymentCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Same status and reason: nothing changes, not even the message. Same status: the transition stays when it was. */
export function setCondition(
  conditions: Conditions,
  next: NewCondition,
  now: number,
): DeploymentCondition[] {
  const current = findCondition(conditions, next.type);
  if (current?.status === next.status && current.reason === next.reason) return [...conditions];
  return [...withoutCondition(conditions, next.type), stamped(next, current, now)];
}

/** As setCondition, but a condition of the same reason is written anew: its lastUpdateTime moves. */
export function renewCondition(
  conditions: Conditions,
  next: NewCondition,
  now: number,
): DeploymentCondition[] {
  const current = findCondition(conditions, next.type);
  return [...withoutCondition(conditions, next.type), stamped(next, current, now)];
}

export function withoutCondition(
  conditions: Conditions,
  type: NewCondition['type'],
): DeploymentCondition[] {
  return conditions.filter((condition) => condition.type !== type);
}

function stamped(
  { type, status, reason, message }: NewCondition,
  current: DeploymentCondition | undefined,
  now: number,
): DeploymentCondition {
  const time = timestamp(now);
  return {
    type,
    status,
    lastUpdateTime: time,
    lastTransitionTime: (current?.status === status && current.lastTransitionTime) || time,
    reason,
    message,
  };
}
