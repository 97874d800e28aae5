import { setTimeout as sleep } from 'node:timers/promises';
import { KubeError } from '../../kube/index.ts';

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/** The cluster or the way to it failed, not the request: whether a write was done is not known. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof KubeError &&
    ['unreachable', 'timeout', 'server-error', 'too-many-requests'].includes(error.code)
  );
}

/**
 * Asks again, for `timeoutMs` at most, for as long as `mayAsk` finds the failure a passing one: an
 * API server that restarts must not cost the way home.
 */
export async function insist<T>(
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ask: () => Promise<T>,
  mayAsk: (error: unknown) => boolean = isPassing,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayAsk(error) || Date.now() + pauseMs > end) throw error;
    }
    await sleep(pauseMs, undefined, { signal });
  }
}
