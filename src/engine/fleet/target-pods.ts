import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import type { Selection } from '../plan/target.ts';
import { readRecord } from '../session/record.ts';
import { insist } from '../steps/insist.ts';

const listTimeoutMs = 30_000;

/** The target's Pods as they read now; one that is held is known by the labels that its record will give back. */
export async function listTargetPods(
  kube: Kube,
  {
    namespace,
    selects,
    signal,
  }: {
    readonly namespace: string;
    readonly selects: Selection;
    readonly signal: AbortSignal;
  },
): Promise<readonly Pod[]> {
  const pods = await insist({ signal, timeoutMs: listTimeoutMs }, () =>
    kube.list<Pod>('pods', { namespace, signal }),
  );
  return pods.filter((pod) => selects(pod) || selects(asBefore(pod)));
}

function asBefore(pod: Pod): Pod {
  try {
    const labels = Object.entries({ ...pod.metadata?.labels, ...readRecord(pod)?.labels });
    const known = labels.filter((entry): entry is [string, string] => entry[1] !== null);
    return { ...pod, metadata: { ...pod.metadata, labels: Object.fromEntries(known) } };
  } catch (error) {
    if (error instanceof PitstopError) return pod;
    throw error;
  }
}
