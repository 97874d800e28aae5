import { z } from 'zod';

/** One thing done in the Pod, as a hook does it and the undo record keeps it. */
export const hookCallSchema = z.union([
  z.object({
    /** Absent = the session's container. */
    container: z.string().optional(),
    command: z.array(z.string()),
  }),
  z.object({
    method: z.enum(['GET', 'POST']),
    /** As seen from within the Pod. */
    url: z.string(),
    /** JSON. */
    body: z.string().optional(),
  }),
]);

export type HookCall = Readonly<z.infer<typeof hookCallSchema>>;

/** For people: the command, or the request. */
export function describeCall(call: HookCall): string {
  return 'command' in call ? call.command.join(' ') : `${call.method} ${call.url}`;
}
