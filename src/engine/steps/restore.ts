import type { Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../errors.ts';
import { isReady } from '../plan/interlocks.ts';
import { deletionCostAnnotation, recordAnnotation } from '../annotations.ts';
import { encodeRecord, readRecord, type UndoRecord } from '../session/record.ts';
import { awaitAdoption } from './homecoming.ts';
import { insist } from './insist.ts';
import { checkOwnerWants } from './owner-wants.ts';
import { markReplacement, unmarkReplacements } from './mark-replacement.ts';
import { podGone } from './pod-gone.ts';
import { proveListed } from './prove-listed.ts';
import type { Stop } from './stop.ts';
import { watchUntil } from './watch-until.ts';
import { refuseOther, writeHome } from './write-home.ts';

export interface RestoreOptions {
  /** The session as whoever restores knows it: no other Pod, and no other session, is touched. */
  readonly session: { readonly record: UndoRecord; readonly podUid: string };
  readonly timeoutMs: number;
  readonly onProgress: (message: string) => void;
  readonly onWarning: (message: string) => void;
  /** The labels are back: the restoring write was acknowledged, or seen. */
  readonly onBack: () => void;
}

export interface Restored {
  readonly slices: readonly string[];
  readonly replacementRemoved?: string;
}

/** int32's largest: whatever the others cost, the Pod that was worked on is the last to go. */
const highestDeletionCost = '2147483647';

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
  if (!pod || pod.metadata?.uid !== session.podUid) throw podGone(stop);
  if (pod.metadata.deletionTimestamp) throw podGone(stop, 'is being deleted');
  refuseOther(stop, pod, session.record);
  const record = readRecord(pod) ?? session.record;
  if (!hasRecord(pod)) {
    onWarning(
      `pod ${namespace}/${name}: the undo record was taken away by somebody else` +
        (areLabelsBack(pod, record)
          ? ', who put the labels back'
          : '; the labels were not put back'),
    );
  }
  const home =
    record.route === 'release'
      ? await comeHome(stop, pod, record, options)
      : { pod: await putBack(stop, pod, record, options) };
  const slices = await proveListed(stop, home.pod, record.services, options);
  return { slices, ...(home.removed && { replacementRemoved: home.removed }) };
}

function hasRecord({ metadata }: Pod): boolean {
  return metadata?.annotations?.[recordAnnotation] !== undefined;
}

function areLabelsBack({ metadata }: Pod, { labels }: UndoRecord): boolean {
  return Object.entries(labels).every(
    ([key, value]) => (metadata?.labels?.[key] ?? null) === value,
  );
}

interface Home {
  readonly pod: Pod;
  /** The replacement that the owner removed. */
  readonly removed?: string | undefined;
}

/** Routes `label` and `none`: one patch puts the labels back and takes the record away. */
async function putBack(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  { onBack, timeoutMs }: RestoreOptions,
): Promise<Pod> {
  const back = await writeHome(stop, pod, {
    record,
    timeoutMs,
    isDone: (now) => areLabelsBack(now, record) && !hasRecord(now),
    change: { labels: record.labels, annotations: { [recordAnnotation]: null } },
  });
  onBack();
  return back;
}

/**
 * Route `release`: Ready first, then the labels together with the highest deletion cost (else the
 * owner may choose this Pod as its surplus), and only when the surplus is gone the cost is cleared.
 */
async function comeHome(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  options: RestoreOptions,
): Promise<Home> {
  const { timeoutMs, onProgress, onBack } = options;
  const isOnItsWay = (now: Pod) => areLabelsBack(now, record) && readRecord(now)?.phase !== 'out';
  if (!isOnItsWay(pod)) {
    await checkOwnerWants(stop, record, timeoutMs);
    onProgress('waiting for the Pod to be Ready');
    await awaitReady(stop, pod, timeoutMs);
    // That may have taken minutes.
    await checkOwnerWants(stop, record, timeoutMs);
    await insist({ signal: stop.signal, timeoutMs }, () => markReplacement(stop, record));
  }
  const back = await writeHome(stop, pod, {
    record,
    timeoutMs,
    isDone: isOnItsWay,
    change: {
      labels: record.labels,
      annotations: {
        [deletionCostAnnotation]: highestDeletionCost,
        [recordAnnotation]: encodeRecord({ ...record, phase: 'returning' }),
      },
    },
  });
  onBack();
  onProgress(`waiting for ${record.owner?.kind} ${record.owner?.name} to take the Pod back`);
  const removed = await awaitAdoption(stop, back, record, options);
  await insist({ signal: stop.signal, timeoutMs }, () => unmarkReplacements(stop, record.id));
  const home = await writeHome(stop, back, {
    record,
    timeoutMs,
    isDone: (now) => !hasRecord(now),
    change: {
      annotations: { [deletionCostAnnotation]: record.deletionCost, [recordAnnotation]: null },
    },
  });
  return { pod: home, removed };
}

async function awaitReady(stop: Stop, pod: Pod, timeoutMs: number): Promise<void> {
  const { kube, namespace, name, signal } = stop;
  await watchUntil<Pod, true>(
    kube,
    'pods',
    {
      namespace,
      fieldSelector: `metadata.name=${name}`,
      signal,
      timeoutMs,
      onTimeout: () =>
        new PitstopError(
          'restore-failed',
          `pod ${namespace}/${name} did not become Ready within ${Math.round(timeoutMs / 1000)} s; ` +
            `taken back unready, its owner would delete it first`,
          { hint: `kubectl describe pod ${name} -n ${namespace}` },
        ),
    },
    (pods) => {
      const current = pods.find(({ metadata }) => metadata?.uid === pod.metadata?.uid);
      if (!current || current.metadata?.deletionTimestamp) throw podGone(stop);
      return isReady(current.status?.conditions) ? true : undefined;
    },
  );
}
