import type { Store } from '../../store/index.ts';
import type { WatchStream } from './watch-stream.ts';

/**
 * Of the processor, not of the clock: on a busy machine the time that others have would cut rounds
 * short, and writers would get ahead of those who watch them.
 */
const SLICE_MS = 15;
const STREAMS_BETWEEN_LOOKS = 16;

/**
 * Writes for all watchers of a store: what one turn of the loop brings goes into one write each, and
 * when there are so many that a round takes longer, the next round's writes are larger and fewer.
 */
export class Flusher {
  readonly #store: Store;
  readonly #dirty = new Set<WatchStream>();
  /** Have frames that nobody may see before the journal is on disk. */
  readonly #held = new Set<WatchStream>();
  #isScheduled = false;
  #last: Chunk | undefined;

  constructor(store: Store) {
    this.#store = store;
    store.onVisible(() => {
      for (const stream of this.#held) this.#dirty.add(stream);
      this.#held.clear();
      this.#schedule();
    });
  }

  add(stream: WatchStream): void {
    this.#dirty.add(stream);
    this.#schedule();
  }

  hold(stream: WatchStream): void {
    this.#held.add(stream);
  }

  forget(stream: WatchStream): void {
    this.#dirty.delete(stream);
    this.#held.delete(stream);
  }

  /** The frames as one HTTP chunk; watchers of the same things share it. */
  join(frames: readonly Buffer[]): Chunk {
    const last = this.#last?.frames;
    const isSame =
      last?.length === frames.length && frames.every((frame, index) => frame === last[index]);
    if (!isSame || !this.#last) this.#last = chunkOf(frames);
    return this.#last;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#dirty.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    this.#isScheduled = false;
    const revision = this.#store.visibleRevision;
    const end = processorMs() + SLICE_MS;
    let count = 0;
    const unfinished: WatchStream[] = [];
    for (const stream of this.#dirty) {
      this.#dirty.delete(stream);
      if (stream.flush(revision)) unfinished.push(stream);
      if (++count % STREAMS_BETWEEN_LOOKS === 0 && processorMs() > end) break;
    }
    for (const stream of unfinished) this.#dirty.add(stream);
    if (this.#dirty.size === 0) this.#last = undefined;
    this.#schedule();
  }
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What goes out in one write, and the same as it stands in `Transfer-Encoding: chunked`. */
interface Chunk {
  readonly frames: readonly Buffer[];
  readonly encoded: Buffer;
}

function chunkOf(frames: readonly Buffer[]): Chunk {
  const size = frames.reduce((sum, frame) => sum + frame.length, 0);
  const head = Buffer.from(`${size.toString(16)}\r\n`, 'latin1');
  return { frames, encoded: Buffer.concat([head, ...frames, CRLF]) };
}

const CRLF = Buffer.from('\r\n');

const flushers = new WeakMap<Store, Flusher>();

export function flusherOf(store: Store): Flusher {
  let flusher = flushers.get(store);
  if (!flusher) flushers.set(store, (flusher = new Flusher(store)));
  return flusher;
}
