/**
 * The API server's clock as its answers tell it. A Date header is cut to whole seconds and came some
 * time between the request and its answer: each answer bounds the difference, several narrow it.
 */
export class ServerClock {
  #atLeastMs = -Infinity;
  #atMostMs = Infinity;

  /** Takes in one answer: its Date header, and when it was asked for and read by our own clock. */
  observe(date: string | undefined, sentAtMs: number, readAtMs: number): void {
    const saidMs = date === undefined ? NaN : Date.parse(date);
    if (Number.isNaN(saidMs) || readAtMs < sentAtMs) return;
    const atLeastMs = saidMs - readAtMs;
    const atMostMs = saidMs + 1_000 - sentAtMs;
    this.#atLeastMs = Math.max(this.#atLeastMs, atLeastMs);
    this.#atMostMs = Math.min(this.#atMostMs, atMostMs);
    // One of the clocks was set meanwhile (or another server answers): what was known is past.
    if (this.#atLeastMs > this.#atMostMs) {
      this.#atLeastMs = atLeastMs;
      this.#atMostMs = atMostMs;
    }
  }

  /** Milliseconds by which the server's clock is ahead of ours; 0 where they may agree. */
  get skewMs(): number | undefined {
    if (this.#atMostMs === Infinity) return undefined;
    if (this.#atLeastMs <= 0 && this.#atMostMs >= 0) return 0;
    return Math.round((this.#atLeastMs + this.#atMostMs) / 2);
  }
}
