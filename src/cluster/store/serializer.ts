import type { Entry } from './entry.ts';

/** Shorter than what a waiting request would notice. */
const SLICE_MS = 4;

/**
 * Makes the JSON of new revisions when nothing else is to be done, so that even the first list of
 * thousands of objects finds it made. What is replaced before its turn is never made.
 */
export class Serializer {
  #pending: Entry[] = [];
  #next = 0;
  #isRunning = false;

  add(entry: Entry): void {
    this.#pending.push(entry);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#later();
  }

  #later(): void {
    setImmediate(() => this.#run()).unref();
  }

  #run(): void {
    const end = performance.now() + SLICE_MS;
    while (this.#next < this.#pending.length) {
      const entry = this.#pending[this.#next++]!;
      if (entry.isSettled) continue;
      void entry.json;
      if (performance.now() < end) continue;
      this.#later();
      return;
    }
    this.#pending = [];
    this.#next = 0;
    this.#isRunning = false;
  }
}
