import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks until the answer is something; after `timeoutMs` throws what the last asking threw, or `what`.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      if (Date.now() > end) throw new Error(`timed out: ${what}`);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await sleep(50);
  }
}
