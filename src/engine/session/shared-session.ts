import { z } from 'zod';

/** One of the sessions that share an object which is not their Pod, as its record names it. */
export const sharedSessionSchema = z.object({
  id: z.string(),
  pod: z.string(),
  podUid: z.string(),
  by: z.string(),
  startedAt: z.string(),
});

export type SharedSession = Readonly<z.infer<typeof sharedSessionSchema>>;
