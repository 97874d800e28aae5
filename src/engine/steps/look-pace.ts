const shortestPauseMs = 50;
const longestPauseMs = 1_000;

/** How long to rest after a look: a Pod with ten thousand sockets must not be read all the time. */
export function pauseAfter(lookMs: number): number {
  return Math.min(Math.max(shortestPauseMs, lookMs * 4), longestPauseMs);
}
