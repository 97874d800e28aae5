import type { Session } from './session.ts';
import { describeError, type SessionLog } from './session-log.ts';

/** The last event: what came of the session, and what to type if something is left to be done. */
export function finish(
  log: SessionLog,
  failure: { readonly error: unknown; readonly interrupted: boolean } | undefined,
): Session {
  if (!failure) {
    log.emit({ type: 'session-finished', phase: 'Succeeded' });
    return log.session;
  }
  const { podOut, steps } = log.session.status;
  const { pod } = log.session.spec;
  const { namespace } = log.session.metadata;
  const hint = `kubectl pitstop restore ${pod} -n ${namespace}`;
  if (podOut || !failure.interrupted) {
    const error = describeError(failure.error);
    log.emit({
      type: 'session-finished',
      phase: 'Failed',
      error: podOut ? { hint, ...error } : error,
    });
    return log.session;
  }
  const restoring = steps.find(({ name }) => name === 'restore')?.state;
  const how =
    restoring === 'done'
      ? 'is back'
      : restoring === 'failed'
        ? 'has its labels back, but was not yet proven to be in service'
        : 'was not touched';
  log.emit({
    type: 'session-finished',
    phase: 'Interrupted',
    error: {
      code: 'interrupted',
      message: `interrupted; pod ${namespace}/${pod} ${how}`,
      ...(restoring === 'failed' && { hint }),
    },
  });
  return log.session;
}
