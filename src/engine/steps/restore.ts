import type { Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../errors.ts';
import { dropEntries, putEntriesBack } from '../routes/handmade/entries.ts';
import { routes } from '../routes/index.ts';
import type { Returning } from '../routes/route.ts';
import { refuseOther } from '../routes/write-home.ts';
import { hasRecord, readRecord, type UndoRecord } from '../session/record.ts';
import { insist } from './insist.ts';
import { podGone } from './pod-gone.ts';
import { proveListed } from './prove-listed.ts';
import type { Stop } from './stop.ts';

export interface RestoreOptions extends Returning {
  /** The session as whoever restores knows it: no other Pod, and no other session, is touched. */
  readonly session: { readonly record: UndoRecord; readonly podUid: string };
}

export interface Restored {
  readonly slices: readonly string[];
  readonly replacementRemoved?: string;
  /** The Pod was deleted instead (`deletes`), and this one is in its place, if any has to be. */
  readonly dismissed?: { readonly replacement?: string };
}

/**
 * Brings a Pod home. Every write leaves a state from which this same function, run again anywhere,
 * goes on from the record on the Pod; what another has done already is not done again.
 */
export async function restore(stop: Stop, options: RestoreOptions): Promise<Restored> {
  const { kube, namespace, name, signal } = stop;
  const { session, timeoutMs, onWarning } = options;
  const pod = await insist({ signal, timeoutMs }, () =>
    kube.get<Pod>({ resource: 'pods', namespace, name }, { signal }),
  );
  const isThere = pod?.metadata?.uid === session.podUid;
  if (!isThere || pod.metadata?.deletionTimestamp) {
    await routes[session.record.route].abandon?.(stop, session.record, session.podUid, options);
    await dropEntries(stop, session.record, options);
    throw podGone(stop, isThere ? 'is being deleted' : undefined);
  }
  refuseOther(stop, pod, session.record);
  const record = readRecord(pod) ?? session.record;
  const route = routes[record.route];
  if (!hasRecord(pod)) {
    onWarning(
      `pod ${namespace}/${name}: the undo record was taken away by somebody else` +
        (route.undone(pod, record) ? ', who put it back' : '; the Pod itself was not put back'),
    );
  }
  refuseDeletion(stop, record, options);
  const hasEntries = (record.entries ?? []).length > 0;
  if (hasEntries && ((await route.returns?.(stop, pod, record, options)) ?? true)) {
    // Before the Pod's record goes: it is what says where they are.
    await putEntriesBack(stop, pod, record, options);
  }
  const home = await route.restore(stop, pod, record, options);
  if (home.dismissed) {
    await dropEntries(stop, record, options);
    if (!home.pod) return { slices: [], dismissed: {} };
    const slices = await proveListed(stop, home.pod, record, options);
    return { slices, dismissed: { replacement: home.pod.metadata?.name ?? '' } };
  }
  const slices = await proveListed(stop, home.pod, record, options);
  return { slices, ...(home.removed && { replacementRemoved: home.removed }) };
}

/** Only route `release` starts a replacement: without one the deletion would cost an endpoint. */
function refuseDeletion(
  { namespace, name }: Stop,
  { route }: UndoRecord,
  { deletes }: RestoreOptions,
): void {
  if (deletes !== 'instead' || route === 'release') return;
  throw new PitstopError(
    'no-replacement',
    `pod ${namespace}/${name} was taken out by route ${route}, which starts no replacement to keep`,
    { hint: `kubectl pitstop restore ${name} -n ${namespace}` },
  );
}
