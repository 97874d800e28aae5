import type { Socket } from 'node:net';
import { LARGE_BUFFER_BYTES, type ReadBuffers, SMALL_BUFFER_BYTES } from './read-buffers.ts';

const nothing = Buffer.alloc(0);

/**
 * One direction of a forwarded connection. Its buffer is read into again only when what it held has
 * been written out, so it needs no memory of its own however slow the reader is.
 */
export class Pipe {
  readonly #buffers: ReadBuffers;
  #buffer: Buffer;
  #wasFull = false;
  #from!: Socket;
  #to!: Socket;
  /** For the Socket that this direction reads from. */
  readonly onread;

  constructor(buffers: ReadBuffers) {
    this.#buffers = buffers;
    this.#buffer = buffers.take(SMALL_BUFFER_BYTES);
    this.onread = {
      buffer: () => this.#nextBuffer(),
      callback: (size: number) => this.#pass(size),
    };
  }

  join(from: Socket, to: Socket): void {
    this.#from = from;
    this.#to = to;
    from.on('end', () => this.#end());
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      if (!from.readableEnded) to.destroy();
    });
    // There is no `data` listener to make it flow, and without that the end is never told.
    from.resume();
  }

  #pass(size: number): boolean {
    const to = this.#to;
    this.#wasFull = size === this.#buffer.length;
    to.write(this.#wasFull ? this.#buffer : this.#buffer.subarray(0, size));
    if (to.writableLength === 0) return true;
    // The kernel has not taken all, and reads from our buffer when it can. `drain` would not tell
    // when: it comes only after more than the high-water mark. The next write's callback does.
    to.write(nothing, () => this.#from.resume());
    return false;
  }

  #nextBuffer(): Buffer {
    if (
      this.#wasFull &&
      this.#buffer.length === SMALL_BUFFER_BYTES &&
      this.#to.writableLength === 0
    ) {
      this.#buffers.give(this.#buffer);
      this.#buffer = this.#buffers.take(LARGE_BUFFER_BYTES);
    }
    return this.#buffer;
  }

  #end(): void {
    const to = this.#to;
    // The other direction has ended before: closing says the same as a shutdown, one system call cheaper.
    if (to.readableEnded && to.writableLength === 0) to.destroy();
    else to.end();
  }

  release(): void {
    this.#buffers.give(this.#buffer);
  }
}
