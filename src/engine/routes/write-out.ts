import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import { readRecord, type UndoRecord } from '../session/record.ts';
import { insist, isPassing } from '../steps/insist.ts';
import { podGone } from '../steps/pod-gone.ts';
import type { Stop } from '../steps/stop.ts';
import type { Leaving, Write } from './route.ts';
import { send } from './send.ts';

const timeoutMs = 15_000;

/**
 * The one write that takes the Pod out, with its undo record in the same patch; never aborted
 * half-way. When no answer comes the same write is sent again: its resourceVersion lets only one of
 * them through, and the one that is refused tells that the other came, or never will. Resolves when
 * the Pod is out; `onOut` is also called when it may be out, before the error is thrown.
 */
export async function writeOut(
  stop: Stop,
  { record, onOut }: Pick<Leaving, 'record' | 'onOut'>,
  write: Write,
): Promise<void> {
  stop.signal.throwIfAborted();
  let wasAnswered = true;
  try {
    await insist(
      { signal: new AbortController().signal, timeoutMs },
      () => send(stop.kube, write),
      (error) => {
        if (!isPassing(error)) return false;
        wasAnswered = false;
        return true;
      },
    );
  } catch (error) {
    if (wasAnswered || !(await mayBeOut(stop, record, onOut))) throw explained(stop, error);
  }
  onOut();
}

/** Whether a write without an answer was done; when that cannot be seen either, it may have been. */
async function mayBeOut(
  { kube, namespace, name }: Stop,
  { id }: UndoRecord,
  onOut: () => void,
): Promise<boolean> {
  let pod: Pod | undefined;
  try {
    pod = await kube.get<Pod>({ resource: 'pods', namespace, name });
  } catch {
    onOut();
    return false;
  }
  return pod !== undefined && readRecord(pod)?.id === id;
}

function explained(stop: Stop, error: unknown): unknown {
  if (!(error instanceof KubeError)) return error;
  if (error.code === 'not-found') return podGone(stop, 'was deleted before anything was written');
  if (error.code !== 'conflict') return error;
  return new PitstopError(
    'conflict',
    `pod ${stop.namespace}/${stop.name} changed since it was looked at; nothing was written`,
    { hint: 'run the same command again', cause: error },
  );
}
