import type { Endpoints, Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Kube } from '../../../kube/index.ts';
import type { PitstopError } from '../../errors.ts';
import { isReady } from '../../plan/is-ready.ts';
import { readEntryRecord } from '../../session/entry-record.ts';
import type { UndoRecord } from '../../session/record.ts';
import { insist } from '../../steps/insist.ts';
import type { Stop } from '../../steps/stop.ts';
import { watchUntil } from '../../steps/watch-until.ts';
import type { Returning, Write } from '../route.ts';
import {
  editOnce,
  mayEditAgain,
  withEntries,
  withoutPod,
  withoutRecord,
  writeOf,
} from './edit-entries.ts';

const timeoutMs = 15_000;

/**
 * Takes the Pod's entry out of every slice and Endpoints object that the record names, each in one
 * patch with what is needed to put it back. The record is on the Pod by then.
 */
export async function takeEntriesOut(stop: Stop, pod: Pod, record: UndoRecord): Promise<void> {
  const { kube, namespace } = stop;
  const session = sessionOf(pod, record);
  for (const object of record.entries ?? []) {
    // Not aborted half-way: what was written has to be known.
    const { signal } = new AbortController();
    const decide = (read: Parameters<typeof withoutPod>[0]) => {
      stop.signal.throwIfAborted();
      return withoutPod(read, pod, session);
    };
    await insist(
      { signal, timeoutMs },
      () => editOnce(kube, namespace, object, { signal, decide }),
      mayEditAgain,
    );
  }
}

/** The same as it would be sent now. */
export async function entryWrites(
  kube: Kube,
  pod: Pod,
  record: UndoRecord,
  signal?: AbortSignal,
): Promise<readonly Write[]> {
  const { namespace = '' } = pod.metadata ?? {};
  const writes = await Promise.all(
    (record.entries ?? []).map(async (entry) => {
      const { resource, name } = entry;
      const object = await kube.get<Endpoints | EndpointSlice>(
        { resource, namespace, name },
        { signal },
      );
      const edit = object && withoutPod(object, pod, sessionOf(pod, record));
      return edit ? [writeOf(entry, object, edit)] : [];
    }),
  );
  return writes.flat();
}

function sessionOf(
  { metadata }: Pod,
  { id, by, startedAt }: UndoRecord,
): Parameters<typeof withoutPod>[2] {
  return { id, by, startedAt, pod: metadata?.name ?? '', podUid: metadata?.uid ?? '' };
}

type PuttingBack = Pick<Returning, 'timeoutMs' | 'onProgress' | 'onWarning'>;

/**
 * Puts back what was taken out, each entry in its place. Nothing else keeps such an entry from
 * sending to a Pod that is not Ready, so that is waited for first; a gate that the session holds shut
 * opens only after this.
 */
export async function putEntriesBack(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  options: PuttingBack,
): Promise<void> {
  const { id, entries = [] } = record;
  if (entries.length === 0) return;
  const { kube, namespace, signal } = stop;
  const { onProgress, onWarning } = options;
  await awaitReady(stop, pod, record, options);
  for (const object of entries) {
    onProgress(`putting the Pod back into ${object.resource}/${object.name}`);
    const found = await insist(
      { signal, timeoutMs: options.timeoutMs },
      () => editOnce(kube, namespace, object, { signal, decide: (read) => withEntries(read, id) }),
      mayEditAgain,
    );
    if (!found)
      onWarning(`${object.resource}/${object.name} is gone: the Pod's entry went with it`);
  }
}

/** Of a Pod that is no more: its entries stay out, for its address may be another's by now. */
export async function dropEntries(
  { kube, namespace, signal }: Omit<Stop, 'name'>,
  { id, entries = [] }: UndoRecord,
  { timeoutMs: withinMs, onWarning }: PuttingBack,
): Promise<void> {
  for (const object of entries) {
    let entry: string | undefined;
    await insist(
      { signal, timeoutMs: withinMs },
      () =>
        editOnce(kube, namespace, object, {
          signal,
          decide: (read) => {
            const edit = withoutRecord(read, id);
            if (edit) entry = removedText(read, id);
            return edit;
          },
        }),
      mayEditAgain,
    );
    if (entry === undefined) continue;
    onWarning(
      `${object.resource}/${object.name}: the Pod is gone, so what was taken out was not put back: ${entry}`,
    );
  }
}

function removedText(object: Parameters<typeof readEntryRecord>[0], id: string): string {
  const mine = readEntryRecord(object)?.sessions.find((session) => session.id === id);
  return JSON.stringify((mine?.removed ?? []).map(({ entry }) => entry));
}

async function awaitReady(
  { kube, namespace, name, signal }: Stop,
  { metadata }: Pod,
  record: UndoRecord,
  { timeoutMs: withinMs, onWarning }: PuttingBack,
): Promise<void> {
  const late = new Error('not Ready in time') as PitstopError;
  try {
    await watchUntil<Pod, true>(
      kube,
      'pods',
      {
        namespace,
        fieldSelector: `metadata.name=${name}`,
        signal,
        timeoutMs: withinMs,
        onTimeout: () => late,
      },
      (pods) => {
        const now = pods.find((each) => each.metadata?.uid === metadata?.uid);
        return !now || isReadyButForUs(now, record) ? true : undefined;
      },
    );
  } catch (error) {
    if (error !== late) throw error;
    onWarning(
      `pod ${namespace}/${name} is not Ready; the slices and Endpoints made by hand list it all the same, as before`,
    );
  }
}

/** KEP-580: Ready is ContainersReady and every gate; those that the session holds shut do not count. */
function isReadyButForUs({ spec, status }: Pod, { conditions = {} }: UndoRecord): boolean {
  const isTrue = (type: string) =>
    status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
  const gates = (spec?.readinessGates ?? []).map(({ conditionType }) => conditionType);
  if (!gates.some((type) => type in conditions)) return isReady(status?.conditions);
  return isTrue('ContainersReady') && gates.every((type) => type in conditions || isTrue(type));
}
