import type { Entry } from './entry.ts';

/** Shorter than what a waiting request would notice. */
const SLICE_MS = 4;

/**
 * Makes the JSON of new revisions when nothing else is to be done, so that even the first list of
 * thousands of objects finds it made. What is replaced before its turn is never made.
 */
export class Serializer {
  readonly #pending = new Set<Entry>();
  #isRunning = false;

  /** `entry` is new, in place of `previous` when there was one. */
  add(entry: Entry, previous?: Entry): void {
    if (previous) this.#pending.delete(previous);
    if (entry.isSettled) return;
    this.#pending.add(entry);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#later();
  }

  #later(): void {
    setImmediate(() => this.#run()).unref();
  }

  #run(): void {
    const end = performance.now() + SLICE_MS;
    for (const entry of this.#pending) {
      this.#pending.delete(entry);
      if (!entry.isSettled) void entry.json;
      if (performance.now() < end) continue;
      this.#later();
      return;
    }
    this.#isRunning = false;
  }
}
