import { PitstopError } from '../errors.ts';
import type { Emit, SessionEvent } from './events.ts';
import { reduce } from './reduce.ts';
import type { Session, StepName } from './session.ts';

type Untimed<T> = T extends SessionEvent ? Omit<T, 'at'> : never;

/**
 * A running session's one place to say what happened: stamps each event, folds it into the session
 * document and hands it to whoever listens.
 */
export class SessionLog {
  #session: Session;
  #listener: Emit | undefined;

  constructor(session: Session, listener: Emit | undefined) {
    this.#session = session;
    this.#listener = listener;
  }

  get session(): Session {
    return this.#session;
  }

  emit(event: Untimed<SessionEvent>): void {
    const stamped = { ...event, at: new Date().toISOString() } as SessionEvent;
    this.#session = reduce(this.#session, stamped);
    try {
      this.#listener?.(stamped);
    } catch (error) {
      // Whoever listens badly must not keep the Pod out: he is not told any more, and the document says so.
      this.#listener = undefined;
      const { message } = describeError(error);
      this.emit({ type: 'warning', message: `a listener failed and is told no more: ${message}` });
    }
  }

  progress(
    step: StepName,
    message: string,
    bytes?: { done?: number | undefined; total?: number | undefined },
  ): void {
    this.emit({
      type: 'step-progress',
      step,
      message,
      ...(bytes?.done !== undefined && { doneBytes: bytes.done }),
      ...(bytes?.total !== undefined && { totalBytes: bytes.total }),
    });
  }

  /**
   * Runs one step between its started and its finished or failed event. When `signal` has ended it,
   * the signal's reason is thrown, whatever the work itself fell over.
   */
  async step<T>(
    name: StepName,
    signal: AbortSignal,
    /** `failed`: the step did not come to a good end, but what it yielded is still wanted. */
    work: () => Promise<{ readonly message: string; readonly value: T; readonly failed?: boolean }>,
  ): Promise<T> {
    this.emit({ type: 'step-started', step: name });
    try {
      const { message, value, failed = false } = await work();
      this.emit({ type: failed ? 'step-failed' : 'step-finished', step: name, message });
      return value;
    } catch (caught) {
      const error: unknown = signal.aborted ? signal.reason : caught;
      this.emit({ type: 'step-failed', step: name, message: describeError(error).message });
      throw error;
    }
  }
}

/** Any error as the session document shows it. */
export function describeError(error: unknown): {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
} {
  if (error instanceof PitstopError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    };
  }
  const { message, hint } = error as { message?: string; hint?: string };
  return {
    code: 'cluster',
    message: message ?? String(error),
    ...(hint !== undefined && { hint }),
  };
}
