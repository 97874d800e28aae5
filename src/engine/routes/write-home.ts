import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import { readRecord, type UndoRecord } from '../session/record.ts';
import { insist, isPassing } from '../steps/insist.ts';
import { podGone } from '../steps/pod-gone.ts';
import type { Stop } from '../steps/stop.ts';
import { podWrite, type PodChange } from './pod-write.ts';
import { send } from './send.ts';

interface HomeWrite {
  readonly record: UndoRecord;
  readonly timeoutMs: number;
  /** Whether the Pod already reads as the write would leave it: by us, or by another who restores. */
  readonly isDone: (pod: Pod) => boolean;
  readonly change: PodChange;
}

/**
 * One write of the way home, done to the Pod as it was just read (resourceVersion): two who restore
 * at once, a lost answer and a Pod that changes by itself all end in reading and deciding again.
 * Never aborted half-way.
 */
export async function writeHome(stop: Stop, before: Pod, write: HomeWrite): Promise<Pod> {
  const { kube, signal } = stop;
  const { record, timeoutMs, isDone, change } = write;
  return await insist(
    { signal, timeoutMs },
    async () => {
      const pod = await readSame(stop, before);
      refuseOther(stop, pod, record);
      if (isDone(pod)) return pod;
      signal.throwIfAborted();
      return await send<Pod>(kube, podWrite(pod, change));
    },
    (error) =>
      isPassing(error) ||
      (error instanceof KubeError && ['conflict', 'not-found'].includes(error.code)),
  );
}

/** The Pod as it reads now; throws `pod-gone` when it, or the one it was, is no more. */
async function readSame(stop: Stop, { metadata }: Pod): Promise<Pod> {
  const { kube, namespace, name, signal } = stop;
  const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
  if (!pod || pod.metadata?.uid !== metadata?.uid) throw podGone(stop);
  return pod;
}

/** A record of another session is not ours to carry out. */
export function refuseOther({ namespace, name }: Stop, pod: Pod, { id }: UndoRecord): void {
  const found = readRecord(pod);
  if (!found || found.id === id) return;
  throw new PitstopError(
    'drift',
    `pod ${namespace}/${name}: session ${id} was undone by somebody else; session ${found.id} by ${found.by} holds it now`,
    { hint: `kubectl pitstop status ${name} -n ${namespace}` },
  );
}
