import type { Pod } from 'kubernetes-types/core/v1.js';

/** What a timer can wait at most. */
const MAX_MS = 2 ** 31 - 1;

/** Calls back when the Pod has been active for `activeDeadlineSeconds`; undefined without them. */
export function atDeadline(
  { spec }: Pod,
  startTime: number,
  onOver: () => void,
): NodeJS.Timeout | undefined {
  const seconds = spec?.activeDeadlineSeconds;
  if (seconds === undefined) return undefined;
  const leftMs = startTime + seconds * 1000 - Date.now();
  return setTimeout(onOver, Math.min(Math.max(leftMs, 0), MAX_MS));
}
