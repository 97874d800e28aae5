const firstPauseMs = 100;
const longestPauseMs = 10_000;

/**
 * Slows down who writes the same again and again: a server that keeps something otherwise than it was
 * sent, or another who puts it back, must not be written to in a tight loop.
 */
export class Pace {
  #content = '';
  #pauseMs = 0;
  #since = 0;

  /** Whether this content may be written now; new content always may. */
  allows(content: string, now: number = Date.now()): boolean {
    if (content !== this.#content) {
      this.#content = content;
      this.#pauseMs = 0;
    } else {
      if (now - this.#since < this.#pauseMs) return false;
      this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, firstPauseMs), longestPauseMs);
    }
    this.#since = now;
    return true;
  }
}
