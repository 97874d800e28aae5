import type { Service } from 'kubernetes-types/core/v1.js';
import { z } from 'zod';
import { PitstopError } from '../errors.ts';
import { parseRecord } from './parse-record.ts';
import { sharedSessionSchema } from './shared-session.ts';

const schema = z.object({
  /** The selector as it was before the first of the sessions came. */
  selector: z.record(z.string(), z.string()),
  /** The sessions that share it, in the order in which they came; the last to leave puts it back. */
  sessions: z.array(sharedSessionSchema),
});

/**
 * What route `selector` leaves on a Service (annotation `pitstop.dev/session`): all that is needed to
 * put its selector back, and whose Pods are to be kept out of its slices until then.
 */
export type ServiceRecord = Readonly<z.infer<typeof schema>>;

export function encodeServiceRecord(record: ServiceRecord): string {
  return JSON.stringify(record);
}

/** The record on a Service, or undefined without one. Throws `record-unreadable` rather than guess. */
export function readServiceRecord(service: Service): ServiceRecord | undefined {
  return parseRecord(schema, 'service', service);
}

/** The selector by which a Service finds its Pods: its own, or the one that sessions hold for it. */
export function effectiveSelector(service: Service): Readonly<Record<string, string>> | undefined {
  const { selector } = service.spec ?? {};
  if (selector && Object.keys(selector).length > 0) return selector;
  try {
    return readServiceRecord(service)?.selector;
  } catch (error) {
    if (error instanceof PitstopError) return undefined;
    throw error;
  }
}
