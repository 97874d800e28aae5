import type { DaemonSet, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { ResourceName } from '../../../kube/index.ts';
import { PitstopError } from '../../errors.ts';
import type { UndoRecord } from '../../session/record.ts';
import { insist } from '../../steps/insist.ts';
import type { Stop } from '../../steps/stop.ts';

const resources: Readonly<Record<string, ResourceName>> = {
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
};

/**
 * Throws `restore-failed` when the owner would not take the Pod back: one that is gone cannot, and one
 * that wants no such Pod any more (a rollout, a scale-down) deletes it within milliseconds of adoption.
 */
export async function checkOwnerWants(
  stop: Stop,
  { owner }: UndoRecord,
  timeoutMs: number,
): Promise<void> {
  const resource = owner && resources[owner.kind];
  if (!resource) return;
  const { kube, namespace, name, signal } = stop;
  const found = await insist({ signal, timeoutMs }, () =>
    kube.get<ReplicaSet | StatefulSet | DaemonSet>(
      { resource, namespace, name: owner.name },
      { signal },
    ),
  );
  const gone = found?.metadata?.uid !== owner.uid;
  if (!gone && wants(owner.kind, name, found)) return;
  const why = gone
    ? 'is gone: nobody would own the Pod that comes back'
    : 'does not want it any more (a rollout or scale-down happened meanwhile), and would delete it on its way back';
  throw new PitstopError(
    'restore-failed',
    `pod ${namespace}/${name}: ${owner.kind.toLowerCase()}/${owner.name} ${why}; it stays out, with all it holds`,
    { hint: `when its files are safe: kubectl delete pod ${name} -n ${namespace}` },
  );
}

function wants(
  kind: string,
  podName: string,
  owner: ReplicaSet | StatefulSet | DaemonSet | undefined,
): boolean {
  if (kind === 'DaemonSet') return true;
  const { replicas = 1, ordinals } = (owner?.spec ?? {}) as Partial<StatefulSet['spec'] & object>;
  if (kind === 'ReplicaSet') return replicas > 0;
  // KEP-3335: a StatefulSet's Pods are numbered from spec.ordinals.start.
  const start = ordinals?.start ?? 0;
  return Number(podName.slice(podName.lastIndexOf('-') + 1)) < start + replicas;
}
