const FIRST_MS = 1000;
const LONGEST_MS = 15 * 60_000;

/** How long a Pod that failed stays, so that one that fails at once is not made in a circle. */
export class FailureBackoff {
  readonly #delays = new Map<string, { readonly delayMs: number; readonly at: number }>();

  /** Milliseconds until the key may be acted on; 0 notes that it is, and doubles the next delay. */
  take(key: string, now: number): number {
    this.#forget(now);
    const last = this.#delays.get(key);
    const wait = last ? last.at + last.delayMs - now : 0;
    if (wait > 0) return wait;
    const delayMs = last ? Math.min(LONGEST_MS, 2 * last.delayMs) : FIRST_MS;
    this.#delays.set(key, { delayMs, at: now });
    return 0;
  }

  #forget(now: number): void {
    for (const [key, { at }] of this.#delays) {
      if (now - at > 2 * LONGEST_MS) this.#delays.delete(key);
    }
  }
}
