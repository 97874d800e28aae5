import type { Job, JobCondition } from 'kubernetes-types/batch/v1.js';
import { timestamp } from '../clock.ts';

type ConditionType = 'Suspended' | 'FailureTarget' | 'SuccessCriteriaMet' | 'Failed' | 'Complete';

export interface Said {
  readonly reason: string;
  readonly message: string;
}

/** How a Job ends, from when it is known: its Pods are yet to be ended and counted. */
export interface Outcome extends Said {
  readonly kind: 'succeeded' | 'failed';
}

/** The interim and the final condition of an outcome. */
export const CONDITIONS_OF = {
  succeeded: { interim: 'SuccessCriteriaMet', final: 'Complete' },
  failed: { interim: 'FailureTarget', final: 'Failed' },
} as const;

export function isFinished(job: Job): boolean {
  return isTrue(job, 'Complete') || isTrue(job, 'Failed');
}

/** The condition that ended the Job. */
export function finishedCondition({ status }: Job): JobCondition | undefined {
  return status?.conditions?.find(
    ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
  );
}

/** The outcome that an earlier pass has written down. */
export function decidedOutcome({ status }: Job): Outcome | undefined {
  for (const kind of ['succeeded', 'failed'] as const) {
    const condition = status?.conditions?.find(
      ({ type, status: value }) => type === CONDITIONS_OF[kind].interim && value === 'True',
    );
    if (condition) {
      return { kind, reason: condition.reason ?? '', message: condition.message ?? '' };
    }
  }
  return undefined;
}

/** A condition that was never there is not written down as False; the same again changes nothing. */
export function withCondition(
  conditions: readonly JobCondition[],
  { type, status, reason, message }: Said & { type: ConditionType; status: 'True' | 'False' },
  now: number,
): readonly JobCondition[] {
  const known = conditions.find((condition) => condition.type === type);
  if (!known && status === 'False') return conditions;
  const isSame = known?.status === status && known.reason === reason && known.message === message;
  if (isSame) return conditions;
  const time = timestamp(now);
  const next = {
    type,
    status,
    lastProbeTime: time,
    lastTransitionTime: time,
    reason,
    message,
  };
  return known
    ? conditions.map((condition) => (condition === known ? next : condition))
    : [...conditions, next];
}

function isTrue({ status }: Job, type: ConditionType): boolean {
  return (status?.conditions ?? []).some(
    (condition) => condition.type === type && condition.status === 'True',
  );
}
