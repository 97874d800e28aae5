import { z } from 'zod';

/** What a `.part.json` must look like to be gone on from. */
export const manifestSchema = z.object({
  version: z.literal(1),
  namespace: z.string(),
  pod: z.string(),
  container: z.string(),
  path: z.string(),
  sizeBytes: z.number(),
  fileVersion: z.string(),
  rangeBytes: z.number(),
  /** SHA-256 of each range of the beginning, agreed with the container. */
  ranges: z.array(z.string()),
  /** Absent: as it was dumped. */
  packing: z.enum(['zstd', 'gzip']).optional(),
  /** Where each packed range ends in the `.part` file. */
  packedEnds: z.array(z.number()).optional(),
});
