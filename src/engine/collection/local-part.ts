import type { Sink } from './receiver.ts';

/** A file on its way to being whole: what has come, until it gets its name. */
export interface LocalPart extends Sink, AsyncDisposable {
  readonly canRewind: true;
  /** Where packed ranges end in it; undefined where it is kept as it was dumped. */
  readonly packedEnds?: readonly number[];
  /** As of any sink, also what an earlier process left; writing goes on behind it. */
  recall(limit: number, take: (chunk: Buffer) => Promise<void>): Promise<void>;
  /** Nothing lies behind what was written, and if it `flushes`, all is on the disk. Returns the size. */
  finish(): Promise<number>;
}
