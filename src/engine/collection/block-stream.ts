import type { ByteTaker } from '../../kube/index.ts';
import { Blocks } from './blocks.ts';
import { StreamProblem } from './stream-problem.ts';

const stalledAfterMs = 120_000;

/**
 * One exec's stdout in blocks. `signal` ends that exec: with what the work on a block threw, or with a
 * `StreamProblem` when nothing has been heard for two minutes, though nobody was held back.
 */
export class BlockStream implements ByteTaker {
  readonly #ended = new AbortController();
  readonly #blocks: Blocks;
  readonly #silence: NodeJS.Timeout;

  constructor(work: (block: Buffer) => Promise<void>) {
    this.#blocks = new Blocks(work, (error) => this.#ended.abort(error));
    this.#silence = setTimeout(() => this.#onSilence(), stalledAfterMs);
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  take(bytes: Buffer): void | Promise<void> {
    this.heard();
    return this.#blocks.take(bytes);
  }

  /** The other side lives. */
  heard(): void {
    this.#silence.refresh();
  }

  /** Nothing more comes: resolves when all of it has been worked on, or something failed. */
  async end(): Promise<void> {
    await this.#blocks.end();
  }

  /** Waits for what is being worked on, and drops the rest. */
  async close(): Promise<void> {
    clearTimeout(this.#silence);
    await this.#blocks.close();
  }

  #onSilence(): void {
    // Whom we hold back can bring nothing.
    if (this.#blocks.isHeld) this.heard();
    else this.#ended.abort(new StreamProblem(`nothing came for ${stalledAfterMs / 1000} s`));
  }
}
