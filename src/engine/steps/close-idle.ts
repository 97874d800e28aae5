import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../container/target.ts';
import { severIdle } from '../sockets/sever.ts';
import type { Stop } from './stop.ts';

const pauseMs = 50;

/**
 * Does `work` while it closes, in the debug container, every connection that falls idle for
 * `idleMs`; `work` is aborted when that cannot be done. Resolves with how many were closed.
 */
export async function closeIdleDuring<T>(
  stop: Stop,
  debug: Target,
  options: {
    readonly ports: ReadonlySet<number>;
    readonly idleMs: number;
    readonly onClosed: (peers: readonly string[]) => void;
  },
  work: (stop: Stop) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const signal = AbortSignal.any([stop.signal, ended.signal]);
  let failure: { readonly error: unknown } | undefined;
  const closing = closeIdle(stop, debug, { ...options, ended: ended.signal }).catch(
    (error: unknown) => {
      if (signal.aborted) return;
      failure = { error };
      ended.abort();
    },
  );
  try {
    return await work({ ...stop, signal });
  } catch (error) {
    throw failure ? failure.error : error;
  } finally {
    ended.abort();
    await closing;
  }
}

/** What has been begun is not cut off when the work is done: it has closed some, and tells which. */
async function closeIdle(
  { signal }: Stop,
  debug: Target,
  {
    ports,
    idleMs,
    onClosed,
    ended,
  }: {
    readonly ports: ReadonlySet<number>;
    readonly idleMs: number;
    readonly onClosed: (peers: readonly string[]) => void;
    readonly ended: AbortSignal;
  },
): Promise<void> {
  while (!ended.aborted) {
    const closed = await severIdle(debug, { ports, idleMs, signal });
    if (closed.length > 0) onClosed(closed);
    await sleep(pauseMs, undefined, { signal });
  }
}
