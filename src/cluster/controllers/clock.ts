/** Time as the controllers see it; tests bring their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now, unless disposed before. */
  after(delayMs: number, callback: () => void): Disposable;
}

/** setTimeout takes a signed 32-bit number of milliseconds; more would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMEOUT_MS));
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** metav1.Time: RFC 3339 in whole seconds. */
export function timestamp(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** metav1.MicroTime: RFC 3339 in microseconds, of which a clock of milliseconds fills three digits. */
export function microTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000Z');
}
