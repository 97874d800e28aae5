import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';

/** Large enough that TLS records are full, small enough that other requests get their turn between two. */
const CHUNK_BYTES = 256 * 1024;
/** Most objects fit into what is left when a chunk is called full. */
const FULL_BYTES = CHUNK_BYTES - 24 * 1024;
const CHUNK_MS = 5;

/**
 * Gathers small pieces into chunks. Two buffers take turns, one being filled while the other is on
 * its way: fresh ones for each of a few hundred chunks would make the collector walk the whole store.
 */
export class ChunkWriter {
  readonly #response: ServerResponse;
  #filling: Buffer | undefined;
  #other: Buffer | undefined;
  #size = 0;
  /** What does not fit into the buffer: objects larger than a chunk. */
  #rest: Buffer[] = [];
  #due = performance.now() + CHUNK_MS;
  #onItsWay: Promise<void> | undefined;
  readonly #closed: Promise<void>;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#closed = new Promise((resolve) => response.once('close', resolve));
  }

  add(piece: Buffer): void {
    this.#filling ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
    if (this.#rest.length > 0 || this.#size + piece.length > CHUNK_BYTES) this.#rest.push(piece);
    else this.#size += piece.copy(this.#filling, this.#size);
  }

  /** True when there is enough to write, or others should have their turn. */
  get isDue(): boolean {
    return this.#rest.length > 0 || this.#size > FULL_BYTES || performance.now() > this.#due;
  }

  /** Writes what is gathered; resolves when the next chunk may be filled. */
  async write(): Promise<void> {
    const bytes = this.#gathered();
    const before = this.#onItsWay;
    this.#onItsWay = new Promise((resolve) => {
      this.#response.write(bytes, () => resolve());
    });
    [this.#filling, this.#other] = [this.#other, this.#filling];
    this.#size = 0;
    await Promise.all([Promise.race([before, this.#closed]), setImmediate()]);
    this.#due = performance.now() + CHUNK_MS;
  }

  end(): void {
    this.#response.end(this.#gathered());
  }

  #gathered(): Buffer {
    const filled = this.#filling?.subarray(0, this.#size) ?? Buffer.alloc(0);
    if (this.#rest.length === 0) return filled;
    const whole = Buffer.concat([filled, ...this.#rest]);
    this.#rest = [];
    return whole;
  }
}
