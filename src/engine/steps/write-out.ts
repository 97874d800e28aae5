import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../kube/index.ts';
import { recordAnnotation } from '../annotations.ts';
import { PitstopError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { encodeRecord, readRecord, type UndoRecord } from '../session/record.ts';
import { insist, isPassing } from './insist.ts';
import { podGone } from './pod-gone.ts';
import type { Stop } from './stop.ts';

const timeoutMs = 15_000;

/**
 * The one write that takes the Pod out, with its undo record in the same patch; never aborted
 * half-way. When no answer comes the same write is sent again: its resourceVersion lets only one of
 * them through, and the one that is refused tells that the other came, or never will. Resolves when
 * the Pod is out; `onOut` is also called when it may be out, before the error is thrown.
 */
export async function writeOut(
  stop: Stop,
  pod: Pod,
  plan: Plan,
  record: UndoRecord,
  onOut: () => void,
): Promise<void> {
  stop.signal.throwIfAborted();
  let wasAnswered = true;
  try {
    await insist(
      { signal: new AbortController().signal, timeoutMs },
      () => takeOut(stop, pod, plan, record),
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

/** The preconditions (uid, resourceVersion) make sure that the Pod is the one the plan was made for. */
async function takeOut(
  { kube, namespace, name }: Stop,
  { metadata }: Pod,
  { status }: Plan,
  record: UndoRecord,
): Promise<void> {
  await kube.patch(
    { resource: 'pods', namespace, name },
    {
      metadata: {
        uid: metadata?.uid,
        resourceVersion: metadata?.resourceVersion,
        ...(Object.keys(status.labels).length > 0 && { labels: status.labels }),
        annotations: { [recordAnnotation]: encodeRecord(record) },
      },
    },
    { type: 'merge' },
  );
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
