import type { ServerResponse } from 'node:http';
import type { Flusher } from './flusher.ts';

/** A watcher this far behind is dropped, as upstream drops one that does not read: it lists and watches again. */
const MAX_BEHIND_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

interface Frame {
  readonly bytes: Buffer;
  /** The frame may go out when this revision may be seen. */
  readonly revision: number;
}

/** The frames of one watcher, in order: those of one turn of the loop in one write, and no faster than the client reads. */
export class WatchStream {
  readonly #response: ServerResponse;
  readonly #flusher: Flusher;
  /** Frames to come before the queue, made only when their turn comes. */
  #backlog: { readonly frames: Iterator<Buffer>; readonly revision: number } | undefined;
  #queue: Frame[] = [];
  #queuedBytes = 0;
  #isBlocked = false;
  #isEnding = false;

  constructor(response: ServerResponse, flusher: Flusher) {
    this.#response = response;
    this.#flusher = flusher;
    const unblock = () => {
      this.#isBlocked = false;
      flusher.add(this);
    };
    const { socket } = response;
    response.on('drain', unblock);
    socket?.on('drain', unblock);
    response.once('close', () => {
      socket?.off('drain', unblock);
      this.#queue = [];
      this.#backlog = undefined;
      flusher.forget(this);
    });
  }

  push(bytes: Buffer, revision: number): void {
    if (this.#response.destroyed) return;
    this.#queue.push({ bytes, revision });
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes > MAX_BEHIND_BYTES) this.#response.destroy();
    else this.#flusher.add(this);
  }

  /** Before anything is pushed: the frames that the watch begins with, true at `revision`. */
  begin(frames: Iterable<Buffer>, revision: number): void {
    this.#backlog = { frames: frames[Symbol.iterator](), revision };
    this.#flusher.add(this);
  }

  /** Ends the answer when everything pushed so far is written. */
  end(): void {
    this.#isEnding = true;
    this.#flusher.add(this);
  }

  /** Writes a chunk of what may be seen at `revision`; tells whether there is more to be written at once. */
  flush(revision: number): boolean {
    if (this.#isBlocked || this.#response.destroyed || this.#response.writableEnded) return false;
    const frames = this.#take(revision);
    if (frames.length > 0) {
      this.#isBlocked = !this.#write(frames);
    }
    if (this.#isBlocked) return false;
    const isEmpty = !this.#backlog && this.#queue.length === 0;
    if (isEmpty && this.#isEnding) this.#response.end();
    else if (!isEmpty && frames.length === 0) this.#flusher.hold(this);
    return !isEmpty && frames.length > 0;
  }

  /** Past the response, which would make three pieces of each chunk: TLS copies what is not in one. */
  #write(frames: readonly Buffer[]): boolean {
    const { socket, chunkedEncoding } = this.#response;
    if (socket && chunkedEncoding) return socket.write(this.#flusher.join(frames).encoded);
    return this.#response.write(Buffer.concat(frames));
  }

  #take(revision: number): Buffer[] {
    const frames: Buffer[] = [];
    let size = 0;
    while (this.#backlog) {
      if (this.#backlog.revision > revision || size >= CHUNK_BYTES) return frames;
      const { value, done } = this.#backlog.frames.next();
      if (done) {
        this.#backlog = undefined;
      } else {
        frames.push(value);
        size += value.length;
      }
    }
    let count = 0;
    for (const frame of this.#queue) {
      if (size >= CHUNK_BYTES || frame.revision > revision) break;
      frames.push(frame.bytes);
      size += frame.bytes.length;
      this.#queuedBytes -= frame.bytes.length;
      count++;
    }
    if (count > 0) this.#queue = this.#queue.slice(count);
    return frames;
  }
}
