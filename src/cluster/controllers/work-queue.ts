import type { Clock } from './clock.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Delay after a key's first failure; doubles with each further one. Default 5 ms. */
  readonly baseDelayMs?: number;
  /** Default 1,000 s. */
  readonly maxDelayMs?: number;
  /** Called when the queue stops being empty. */
  readonly onReady: () => void;
}

/**
 * Keys waiting to be reconciled, with client-go's rules: a key waits at most once, a key that is
 * being worked on and is added again waits until `done`, failures back off per key.
 */
export class WorkQueue implements Disposable {
  readonly #clock: Clock;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #onReady: () => void;
  /** In the order of arrival: a Set keeps it. */
  readonly #ready = new Set<string>();
  readonly #working = new Set<string>();
  readonly #again = new Set<string>();
  readonly #waiting = new Map<string, { readonly readyAt: number; readonly timer: Disposable }>();
  readonly #failures = new Map<string, number>();
  #isStopped = false;

  constructor({ clock, baseDelayMs = 5, maxDelayMs = 1_000_000, onReady }: WorkQueueOptions) {
    this.#clock = clock;
    this.#baseDelayMs = baseDelayMs;
    this.#maxDelayMs = maxDelayMs;
    this.#onReady = onReady;
  }

  get size(): number {
    return this.#ready.size;
  }

  add(key: string): void {
    if (this.#isStopped) return;
    if (this.#working.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#ready.add(key);
    this.#onReady();
  }

  /** Adds the key later; of two delays for one key, the earlier instant counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#isStopped) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const readyAt = this.#clock.now() + delayMs;
    const waiting = this.#waiting.get(key);
    if (waiting && waiting.readyAt <= readyAt) return;
    waiting?.timer[Symbol.dispose]();
    const timer = this.#clock.after(delayMs, () => {
      this.#waiting.delete(key);
      this.add(key);
    });
    this.#waiting.set(key, { readyAt, timer });
  }

  addRateLimited(key: string): void {
    const failures = this.failuresOf(key);
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(this.#baseDelayMs * 2 ** failures, this.#maxDelayMs));
  }

  /** The next failure of this key starts the back-off anew. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, which is being worked on from now until `done`. */
  take(): string | undefined {
    const [key] = this.#ready;
    if (key === undefined) return undefined;
    this.#ready.delete(key);
    this.#working.add(key);
    return key;
  }

  done(key: string): void {
    this.#working.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  [Symbol.dispose](): void {
    this.#isStopped = true;
    for (const { timer } of this.#waiting.values()) timer[Symbol.dispose]();
    this.#waiting.clear();
    this.#ready.clear();
    this.#again.clear();
    this.#failures.clear();
  }
}
