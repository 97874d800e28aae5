import type { LocalPart } from './local-part.ts';
import type { Manifest } from './manifest.ts';
import { PackedPart } from './packed-part.ts';
import { PartFile } from './part-file.ts';

/** The `.part` file that a manifest speaks of; made where there is none. */
export async function openPart(
  part: string,
  { packing, packedEnds = [], rangeBytes }: Pick<Manifest, 'packing' | 'packedEnds' | 'rangeBytes'>,
): Promise<LocalPart> {
  if (!packing) return await PartFile.open(part);
  return await PackedPart.open(part, { packing, rangeBytes, ends: packedEnds });
}
