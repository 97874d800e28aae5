import type { Deletes } from '../plan/parting.ts';
import type { UndoRecord } from '../session/record.ts';
import type { Session } from '../session/session.ts';
import { finish } from '../session/finish.ts';
import { describeError, type SessionLog } from '../session/session-log.ts';
import type { SocketWatch } from '../sockets/socket-watch.ts';
import { comeBack } from './come-back.ts';
import type { Stop } from './stop.ts';

/**
 * Does a session's work, brings the Pod home whatever came of it (the first interruption has been
 * heard, and does not stop this), and says how all ended. Throws the work's error when nothing had
 * been touched. `staysOut`: work that came to a good end leaves the Pod out.
 */
export async function conclude(
  log: SessionLog,
  stop: Stop,
  options: {
    readonly sockets: SocketWatch;
    readonly record: UndoRecord;
    readonly restoreTimeoutMs: number | undefined;
    readonly staysOut?: boolean;
    /** Only of work that came to a good end: what a failed one leaves in the Pod is kept. */
    readonly deletes?: Deletes;
  },
  work: () => Promise<void>,
): Promise<Session> {
  let failure: { readonly error: unknown; readonly interrupted: boolean } | undefined;
  try {
    await work();
  } catch (error) {
    failure = { error, interrupted: stop.signal.aborted };
  }
  if (!log.session.status.podOut) {
    finish(log, failure);
    if (failure && !failure.interrupted) throw failure.error;
    return log.session;
  }
  if (options.staysOut && !failure) {
    log.emit({ type: 'session-finished', phase: 'Isolated' });
    return log.session;
  }
  try {
    const unaborted = { ...stop, signal: new AbortController().signal };
    await comeBack(unaborted, log, failure ? { ...options, deletes: 'never' } : options);
  } catch (error) {
    const before = failure && describeError(failure.error).message;
    if (before !== undefined && before !== describeError(error).message) {
      log.emit({ type: 'warning', message: `before that: ${before}` });
    }
    failure = { error, interrupted: false };
  }
  return finish(log, failure);
}
