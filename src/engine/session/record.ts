import { hostname, userInfo } from 'node:os';
import { z } from 'zod';
import { recordAnnotation } from '../annotations.ts';
import { hookCallSchema } from '../drain-hooks/hook-call.ts';
import { parseRecord } from './parse-record.ts';

const schema = z.object({
  id: z.string(),
  by: z.string(),
  startedAt: z.string(),
  /** Renewed by a running session; one that is not renewed for `leaseSeconds` has no session any more. */
  renewedAt: z.string(),
  leaseSeconds: z.number(),
  /** Only of `isolate`, which no process keeps renewing: after this it counts as expired. */
  deadline: z.string().optional(),
  route: z.enum(['none', 'label', 'gate', 'release', 'selector']),
  /** `returning`: the labels are back, the deletion cost is still to be cleared. */
  phase: z.enum(['out', 'returning']),
  /** Original values of the labels that were changed; null = there was none. */
  labels: z.record(z.string(), z.string().nullable()),
  /** Original state of the Pod conditions that were changed, by type; null = there was none. */
  conditions: z
    .record(
      z.string(),
      z
        .object({
          status: z.string(),
          reason: z.string().optional(),
          message: z.string().optional(),
        })
        .nullable(),
    )
    .optional(),
  /** The owner at the time, to be re-adopted by. */
  owner: z.object({ kind: z.string(), name: z.string(), uid: z.string() }).optional(),
  /** Route `release`: the owner's other Pods just before, by the first 8 characters of their uids. */
  siblings: z.array(z.string()).optional(),
  /** Original deletion cost; null = there was none. */
  deletionCost: z.string().nullable(),
  services: z.array(z.string()),
  /** Route `selector`: by Service, the selector that is saved on it as well. */
  selectors: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  /** What lists the Pod besides, and was edited by itself: each has a record of its own. */
  entries: z
    .array(
      z.object({
        resource: z.enum(['endpointslices', 'endpoints']),
        name: z.string(),
        service: z.string(),
      }),
    )
    .optional(),
  /** Ports on which Service traffic reaches the Pod. */
  ports: z.array(z.number()),
  /** What takes the drain hooks back, in this order; each may be done twice, and without its hook. */
  undoDrain: z.array(hookCallSchema).optional(),
  container: z.string(),
  /** The ephemeral container through which it is worked on. */
  helper: z.string().optional(),
  /** Where the session writes in the container, if not to the usual places. */
  remoteDirectory: z.string().optional(),
  diagnostic: z.string(),
});

export type UndoRecord = Readonly<z.infer<typeof schema>>;

export function encodeRecord(record: UndoRecord): string {
  return JSON.stringify(record);
}

export function hasRecord({
  metadata,
}: {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
}): boolean {
  return metadata?.annotations?.[recordAnnotation] !== undefined;
}

/** The record on a Pod, or undefined without one. Throws `record-unreadable` rather than guess. */
export function readRecord(pod: {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}): UndoRecord | undefined {
  return parseRecord(schema, 'pod', pod);
}

/** Who started the session: the cluster's user, and the person and machine behind it. */
export function whoAmI(clusterUser: string): string {
  return `${clusterUser} (${localUser()}@${hostname()})`;
}

function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A uid without a passwd entry, as in many containers.
    return `uid ${process.getuid?.()}`;
  }
}
