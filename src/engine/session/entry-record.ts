import type { Endpoints } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { z } from 'zod';
import { parseRecord } from './parse-record.ts';
import { sharedSessionSchema } from './shared-session.ts';

const schema = z.object({
  /** The sessions that have taken entries out of this object, in the order in which they came. */
  sessions: z.array(
    sharedSessionSchema.extend({
      removed: z.array(
        z.object({
          /** Its place in the list as it was before the first of the sessions came. */
          index: z.number().int().nonnegative(),
          /** The entry as it was: an endpoint of a slice, or a row of Endpoints. */
          entry: z.looseObject({ addresses: z.array(z.string()) }),
          /** Those of its addresses that were taken out: with all of them the entry went. */
          addresses: z.array(z.string()),
        }),
      ),
    }),
  ),
});

/** What a session leaves on a slice or on Endpoints that it took the Pod's entry out of. */
export type EntryRecord = Readonly<z.infer<typeof schema>>;

export type EntrySession = EntryRecord['sessions'][number];

export type RemovedEntry = EntrySession['removed'][number];

export function encodeEntryRecord(record: EntryRecord): string {
  return JSON.stringify(record);
}

/** The record on a slice or on Endpoints. Throws `record-unreadable` rather than guess. */
export function readEntryRecord(object: EndpointSlice | Endpoints): EntryRecord | undefined {
  return parseRecord(schema, 'addressType' in object ? 'endpointslice' : 'endpoints', object);
}
