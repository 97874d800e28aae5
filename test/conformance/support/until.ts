import { setTimeout as sleep } from 'node:timers/promises';

const pauseMs = 250;

/**
 * Asks until the answer is neither undefined nor false, and returns it; after `timeoutMs` throws
 * what the last asking threw, or that `what` was not to be seen.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    let failure: unknown = new Error(`not within ${timeoutMs / 1000} s: ${what}`);
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > end) throw failure;
    await sleep(pauseMs);
  }
}

/** Asks again and again for the whole of `durationMs`; throws as soon as the answer is false. */
export async function consistently(
  what: string,
  ask: () => Promise<boolean>,
  durationMs: number,
): Promise<void> {
  const end = Date.now() + durationMs;
  while (Date.now() < end) {
    if (!(await ask())) throw new Error(`did not last: ${what}`);
    await sleep(Math.min(1000, Math.max(1, end - Date.now())));
  }
}
