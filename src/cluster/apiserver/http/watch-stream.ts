import type { ServerResponse } from 'node:http';
import { drained } from './drained.ts';

/** A watcher this far behind is dropped, as upstream drops one that does not read: it lists and watches again. */
const MAX_BEHIND_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** The frames of one watcher, in order: those of one tick in one write, and no faster than the client reads. */
export class WatchStream {
  readonly #response: ServerResponse;
  /** Frames to come before the queue, made only when their turn comes. */
  #backlog: Iterator<Buffer> | undefined;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #isEnding = false;
  #isRunning = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  push(frame: Buffer): void {
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    if (this.#queuedBytes > MAX_BEHIND_BYTES) this.#response.destroy();
    else this.#start();
  }

  pushAll(frames: Iterable<Buffer>): void {
    for (const frame of frames) this.push(frame);
  }

  /** Before anything is pushed: the state that the watch begins with. */
  pushLazily<T>(items: readonly T[], encode: (item: T) => Buffer): void {
    this.#backlog = mapped(items, encode);
    this.#start();
  }

  /** Ends the answer when everything pushed so far is written. */
  end(): void {
    this.#isEnding = true;
    this.#start();
  }

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    // What else this tick brings goes into the same write.
    await Promise.resolve();
    while (!this.#response.destroyed) {
      const chunk = this.#take();
      if (!chunk) break;
      if (!this.#response.write(chunk)) await drained(this.#response);
    }
    this.#isRunning = false;
    if (this.#isEnding && !this.#response.writableEnded) this.#response.end();
  }

  #take(): Buffer | undefined {
    const frames: Buffer[] = [];
    let size = 0;
    while (size < CHUNK_BYTES) {
      const frame = this.#next();
      if (!frame) break;
      frames.push(frame);
      size += frame.length;
    }
    return frames.length > 1 ? Buffer.concat(frames, size) : frames[0];
  }

  #next(): Buffer | undefined {
    if (this.#backlog) {
      const { value, done } = this.#backlog.next();
      if (!done) return value;
      this.#backlog = undefined;
    }
    const frame = this.#queue.shift();
    if (frame) this.#queuedBytes -= frame.length;
    return frame;
  }
}

function* mapped<T>(items: readonly T[], encode: (item: T) => Buffer): Generator<Buffer> {
  for (const item of items) yield encode(item);
}
