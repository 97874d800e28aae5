import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import { PitstopError } from '../errors.ts';
import { readEntryRecord } from '../session/entry-record.ts';
import { readRecord, type UndoRecord } from '../session/record.ts';
import { readServiceRecord } from '../session/service-record.ts';

/** What a status is made from, as it was listed. */
export interface StatusObjects {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  /** Empty where they may not be listed. */
  readonly endpoints: readonly Endpoints[];
  readonly pods: readonly Pod[];
}

/** One session, gathered from every object that carries something of it. */
export interface Recorded {
  readonly namespace: string;
  readonly id: string;
  readonly pod: string;
  readonly podUid: string;
  readonly by: string;
  readonly startedAt: string;
  /** On the Pod itself; absent where only other objects tell of the session. */
  record?: UndoRecord;
  readonly objects: string[];
}

/** Every session that a record tells of, and every record that cannot be read. */
export function gatherRecords(objects: StatusObjects): {
  readonly sessions: readonly Recorded[];
  /** One sentence each. */
  readonly unreadable: readonly string[];
} {
  const found = new Map<string, Recorded>();
  const unreadable: string[] = [];
  const add = (kind: string, metadata: ObjectMeta = {}, session: Told): void => {
    const { namespace = '', name } = metadata;
    const key = `${namespace}/${session.id}`;
    const known = found.get(key) ?? { namespace, ...session, objects: [] };
    known.objects.push(`${kind}/${name}`);
    found.set(key, known);
  };
  const read = (tell: () => void): void => {
    try {
      tell();
    } catch (error) {
      if (!(error instanceof PitstopError)) throw error;
      unreadable.push(error.message);
    }
  };
  for (const pod of objects.pods) {
    const { name = '', uid = '' } = pod.metadata ?? {};
    read(() => {
      const record = readRecord(pod);
      if (!record) return;
      const { id, by, startedAt } = record;
      add('pod', pod.metadata, { id, by, startedAt, pod: name, podUid: uid, record });
    });
  }
  const share = (kind: string, { metadata }: Shared, recordOf: () => SharedRecord | undefined) =>
    read(() => {
      for (const { id, by, startedAt, pod, podUid } of recordOf()?.sessions ?? []) {
        add(kind, metadata, { id, by, startedAt, pod, podUid });
      }
    });
  for (const service of objects.services) {
    share('service', service, () => readServiceRecord(service));
  }
  for (const slice of objects.slices) share('endpointslice', slice, () => readEntryRecord(slice));
  for (const object of objects.endpoints) share('endpoints', object, () => readEntryRecord(object));
  return { sessions: [...found.values()], unreadable };
}

type Told = Omit<Recorded, 'namespace' | 'objects'>;

interface Shared {
  readonly metadata?: ObjectMeta;
}

interface SharedRecord {
  readonly sessions: readonly Omit<Told, 'record'>[];
}
