import type { Store } from '../../store/index.ts';
import type { WatchStream } from './watch-stream.ts';

/** Few enough that other requests get their turn soon. Counted, not timed: on a busy machine writers would get ahead. */
const STREAMS_A_SLICE = 128;
/** A stream that is not done with its beginning has written as much as this many events. */
const WEIGHT_OF_BEGINNING = 16;
/** A shorter round is not worth a look at the clock. */
const STREAMS_WORTH_A_REST = 64;
const MAX_REST_MS = 10;

/**
 * Writes for all watchers of a store: what one turn of the loop brings goes into one write each. When
 * there are so many that a round takes long, it is followed by a rest as long, so that the next
 * round's writes are larger and fewer and half of the time is left for others.
 */
export class Flusher {
  readonly #store: Store;
  readonly #dirty = new Set<WatchStream>();
  /** Have frames that nobody may see before the journal is on disk. */
  readonly #held = new Set<WatchStream>();
  #isScheduled = false;
  /** Streams still to come in this round; those that get dirty meanwhile stand behind them. */
  #left = 0;
  #began: number | undefined;
  #restsUntil = 0;
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
    const rest = this.#restsUntil === 0 ? 0 : this.#restsUntil - performance.now();
    if (rest > 1) setTimeout(() => this.#run(), rest);
    else setImmediate(() => this.#run());
  }

  #run(): void {
    this.#isScheduled = false;
    if (this.#left <= 0) this.#begin();
    const revision = this.#store.visibleRevision;
    let budget = STREAMS_A_SLICE;
    const unfinished: WatchStream[] = [];
    for (const stream of this.#dirty) {
      this.#dirty.delete(stream);
      if (stream.flush(revision)) {
        unfinished.push(stream);
        budget -= WEIGHT_OF_BEGINNING;
      }
      this.#left -= 1;
      budget -= 1;
      if (this.#left <= 0 || budget <= 0) break;
    }
    for (const stream of unfinished) this.#dirty.add(stream);
    if (this.#dirty.size === 0) this.#last = undefined;
    if (this.#left <= 0 || this.#dirty.size === 0) this.#finish();
    this.#schedule();
  }

  #begin(): void {
    this.#left = this.#dirty.size;
    this.#restsUntil = 0;
    this.#began = this.#left < STREAMS_WORTH_A_REST ? undefined : processorMs();
  }

  #finish(): void {
    this.#left = 0;
    if (this.#began === undefined) return;
    const took = processorMs() - this.#began;
    this.#restsUntil = performance.now() + Math.min(took, MAX_REST_MS);
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
