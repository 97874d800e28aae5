import type { Pod } from 'kubernetes-types/core/v1.js';
import { callInPod } from '../drain-hooks/call-in-pod.ts';
import { parseDrainHook } from '../drain-hooks/drain-hook.ts';
import { describeCall } from '../drain-hooks/hook-call.ts';
import type { Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import type { UndoRecord } from '../session/record.ts';
import { runningContainers } from '../sockets/running-containers.ts';
import { insist, isPassing } from './insist.ts';
import type { Stop } from './stop.ts';

const undoTimeoutMs = 10_000;

/** Asks the application to let its clients go. Throws `drain-hook` when a hook fails. */
export async function runDrainHooks(
  stop: Stop,
  target: Target,
  {
    pod,
    hooks,
    onProgress,
  }: {
    readonly pod: Pod;
    readonly hooks: readonly string[];
    readonly onProgress: (message: string) => void;
  },
): Promise<void> {
  const containers = runningContainers(pod, target.container);
  for (const text of hooks) {
    const { name, call } = parseDrainHook(text);
    onProgress(`drain hook ${name}: ${describeCall(call)}`);
    await callInPod(target, call, { containers, signal: stop.signal });
  }
}

/**
 * Takes the hooks back, from the record alone, before traffic comes again: an application that still
 * drains would send it away. What cannot be taken back is said, and keeps nobody out.
 */
export async function undoDrainHooks(
  stop: Stop,
  { container, undoDrain = [] }: UndoRecord,
  { podUid, onWarning }: { readonly podUid: string; readonly onWarning: (message: string) => void },
): Promise<void> {
  if (undoDrain.length === 0) return;
  const { kube, namespace, name, signal } = stop;
  const target: Target = { kube, namespace, pod: name, container };
  const waiting = { signal, timeoutMs: undoTimeoutMs };
  const warned = (error: unknown) => {
    signal.throwIfAborted();
    onWarning(
      `the drain hook could not be taken back, the application may still send its clients away: ${(error as Error).message}`,
    );
  };
  let containers: readonly string[];
  try {
    const pod = await insist(waiting, () =>
      kube.get<Pod>({ resource: 'pods', namespace, name }, { signal }),
    );
    // Whatever drained in a Pod that is gone is gone with it; its successor never did.
    if (pod?.metadata?.uid !== podUid) return;
    containers = runningContainers(pod, container);
  } catch (error) {
    warned(error);
    return;
  }
  for (const call of undoDrain) {
    await insist(
      waiting,
      () => callInPod(target, call, { containers, signal }),
      (error) => error instanceof PitstopError || isPassing(error),
    ).catch(warned);
  }
}
