const RETRY_MS = 1000;

/** Does rounds of work when woken, one at a time; a round that fails is told and done again a second later. */
export class WorkLoop {
  readonly #work: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #round: Promise<void> | undefined;
  #again = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(work: () => Promise<void>, onError: (error: unknown) => void) {
    this.#work = work;
    this.#onError = onError;
  }

  /** The round under way; undefined between rounds. */
  get round(): Promise<void> | undefined {
    return this.#round;
  }

  /** A round soon, never from inside the caller; after the one under way if there is one. */
  wake(): void {
    if (this.#round) {
      this.#again = true;
      return;
    }
    this.#round = this.#run().finally(() => {
      this.#round = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.wake();
    });
  }

  /** A round in so many ms, instead of one that was to come at another time. */
  wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), Math.max(ms, 10));
  }

  /** Takes back `wakeIn`. */
  rest(): void {
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    await new Promise(setImmediate);
    try {
      await this.#work();
    } catch (error) {
      this.#onError(error);
      this.wakeIn(RETRY_MS);
    }
  }
}
