const INITIAL_MS = 10_000;
const MAX_MS = 300_000;

export interface BackOff {
  readonly delayMs: number;
  /** When the restart it belongs to was made. */
  readonly updatedAt: number;
}

/** Until when a container that ended at `endedAt` must wait; undefined: it may start now. */
export function waitsUntil(backOff: BackOff | undefined, endedAt: number): number | undefined {
  if (!backOff || isStale(backOff, endedAt)) return undefined;
  return endedAt + backOff.delayMs;
}

/** The back-off after this restart: 10 s, doubled each time, at most 5 min; anew after 10 quiet minutes. */
export function nextBackOff(
  backOff: BackOff | undefined,
  { endedAt, now }: { readonly endedAt: number; readonly now: number },
): BackOff {
  const anew = !backOff || isStale(backOff, endedAt);
  return { delayMs: anew ? INITIAL_MS : Math.min(backOff.delayMs * 2, MAX_MS), updatedAt: now };
}

function isStale(backOff: BackOff, endedAt: number): boolean {
  return endedAt - backOff.updatedAt > 2 * MAX_MS;
}

/** As Go prints a duration in `back-off 1m20s restarting failed container`. */
export function formatDelay(ms: number): string {
  const [minutes, seconds] = [Math.floor(ms / 60_000), Math.floor((ms % 60_000) / 1000)];
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
