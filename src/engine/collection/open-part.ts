import type { LocalPart } from './local-part.ts';
import type { Packing } from './packed-part.ts';
import { PackedPart } from './packed-part.ts';
import { PartFile } from './part-file.ts';

interface PartOptions {
  readonly rangeBytes: number;
  /** Absent: kept as it was dumped. */
  readonly packing?: Packing | undefined;
  readonly packedEnds?: readonly number[] | undefined;
  /** Have all of it on the disk before it counts as finished. */
  readonly flushes: boolean;
}

/** The `.part` file that a manifest speaks of; made where there is none. */
export async function openPart(
  part: string,
  { packing, packedEnds: ends = [], rangeBytes, flushes }: PartOptions,
): Promise<LocalPart> {
  if (!packing) return await PartFile.open(part, { flushes });
  return await PackedPart.open(part, { packing, rangeBytes, ends, flushes });
}
