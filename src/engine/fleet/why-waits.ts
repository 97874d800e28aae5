import { PitstopError } from '../errors.ts';
import type { Session } from '../session/session.ts';

/**
 * Why a Pod that could not be stopped now has its turn again: `others` hold it, or as many as may be
 * out, and it waits for as long as they do; what `settles` (a rollout, a write that lost a race) gets
 * its time. Undefined: it is refused.
 */
export type WaitsFor = 'others' | 'settles' | undefined;

export function waitsAfterRefusal(
  error: unknown,
  { isCrowded }: { /** Others hold as many as may be out, now. */ readonly isCrowded: boolean },
): WaitsFor {
  if (!(error instanceof PitstopError)) return undefined;
  if (error.code === 'max-out') return 'others';
  if (error.code === 'conflict') return 'settles';
  if (error.code !== 'interlock') return undefined;
  const lines = error.message.split('\n');
  // Without those that others hold it might be another answer.
  if (isCrowded || lines.some((line) => line.startsWith('interlock session-exists:'))) {
    return 'others';
  }
  return lines.every((line) => line.startsWith('interlock rollout:')) ? 'settles' : undefined;
}

/** Two that looked at the same moment: the Pod went home before anything was done to it. */
export function waitsAfterSession({ status }: Session): WaitsFor {
  if (status.podOut) return undefined;
  return status.error?.code === 'max-out' || status.error?.code === 'service-emptied'
    ? 'others'
    : undefined;
}
