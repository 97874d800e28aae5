import type { ByteTaker } from '../../kube/index.ts';

/** Hashed and written at once: large enough to make a call of each cheap, small enough for caches. */
const blockBytes = 512 * 1024;
/** One is worked on, one waits, one is filled. */
const blockCount = 3;
/** How long less than a block waits for more. */
const staleAfterMs = 5;

/**
 * Gathers what comes in small pieces into blocks and hands on one after the other, whose memory is used
 * again once `work` is done with it: what a file of any size needs is these few blocks.
 */
export class Blocks implements ByteTaker {
  readonly #work: (block: Buffer) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #free: Buffer[] = [];
  #made = 0;
  #filling: Buffer | undefined;
  #filled = 0;
  readonly #full: Buffer[] = [];
  #isStale = false;
  #staleTimer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #freed: (() => void) | undefined;
  #isClosed = false;

  /** What `work` throws is told once, and nothing more is taken. */
  constructor(work: (block: Buffer) => Promise<void>, failed: (error: unknown) => void) {
    this.#work = work;
    this.#failed = failed;
  }

  /** Whether whoever sends has to wait. */
  get isHeld(): boolean {
    return this.#freed !== undefined;
  }

  take(bytes: Buffer): void | Promise<void> {
    const taken = this.#fill(bytes);
    // A copy: these bytes' memory is used again while they wait.
    if (taken < bytes.length) return this.#fillLater(Buffer.from(bytes.subarray(taken)));
  }

  /** Nothing more comes: resolves when all of it has been worked on, or something failed. */
  async end(): Promise<void> {
    if (this.#filled > 0) this.#finishBlock();
    await this.#working;
  }

  /** Waits for what is being worked on, and drops the rest. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#staleTimer);
    this.#freed?.();
    await this.#working;
  }

  #fill(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.#isClosed) {
      this.#filling ??= this.#block();
      if (!this.#filling) return at;
      const copied = bytes.copy(this.#filling, this.#filled, at);
      this.#filled += copied;
      at += copied;
      if (this.#filled === this.#filling.length) this.#finishBlock();
    }
    if (this.#filled > 0) this.#staleTimer ??= setTimeout(() => this.#handStale(), staleAfterMs);
    return bytes.length;
  }

  async #fillLater(rest: Buffer): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#freed = resolve;
    });
    this.#freed = undefined;
    this.#fill(rest);
  }

  #block(): Buffer | undefined {
    const known = this.#free.pop();
    if (known || this.#made === blockCount) return known;
    this.#made += 1;
    return Buffer.allocUnsafeSlow(blockBytes);
  }

  #finishBlock(): void {
    if (!this.#filling) return;
    this.#full.push(this.#filling.subarray(0, this.#filled));
    this.#filling = undefined;
    this.#filled = 0;
    this.#isStale = false;
    clearTimeout(this.#staleTimer);
    this.#staleTimer = undefined;
    this.#working ??= this.#workThrough();
  }

  #handStale(): void {
    this.#isStale = true;
    // While somebody works there is no hurry: more may come.
    if (!this.#working) this.#finishBlock();
  }

  async #workThrough(): Promise<void> {
    try {
      for (;;) {
        if (this.#full.length === 0 && this.#isStale) this.#finishBlock();
        const block = this.#full.shift();
        if (!block || this.#isClosed) break;
        await this.#work(block);
        this.#free.push(Buffer.from(block.buffer, 0, blockBytes));
        this.#freed?.();
      }
    } catch (error) {
      this.#isClosed = true;
      this.#freed?.();
      this.#failed(error);
    }
    this.#working = undefined;
  }
}
