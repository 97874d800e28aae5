import type { Sink } from './receiver.ts';

/** A file on its way to being whole: what has come, until it gets its name. */
export interface LocalPart extends Sink, AsyncDisposable {
  readonly canRewind: true;
  /** Where packed ranges end in it; undefined where it is kept as it was dumped. */
  readonly packedEnds?: readonly number[];
  /** Feeds what is there already to `take`, at most `limit` bytes; writing goes on behind it. */
  recall(limit: number, take: (chunk: Buffer) => Promise<void>): Promise<void>;
  /** On the disk, and nothing behind what was written. Returns the file's size. */
  finish(): Promise<number>;
}
