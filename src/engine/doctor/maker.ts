import type { DaemonSet, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import type { Labels } from '../plan/labels.ts';
import { nameOf } from './listed.ts';
import type { NamespaceWorld } from './world.ts';

/** The workload whose controller made a Pod, as the Pod's name still tells when nothing else does. */
export interface Maker {
  readonly kind: 'replicaset' | 'statefulset' | 'daemonset';
  readonly name: string;
  readonly selector: LabelSelector | undefined;
  /** Labels that its Pods are born with. */
  readonly labels: Labels;
  /** Wants as many Pods as this; undefined for a DaemonSet. */
  readonly replicas: number | undefined;
  /** What a person deployed: `deployment/web`, or the workload itself. */
  readonly family: string;
}

/** Of a Pod that is there: a rename is not possible, a relabel is. */
export function makerOf({ metadata }: Pod, world: NamespaceWorld): Maker | undefined {
  const prefix = metadata?.generateName?.replace(/-$/, '');
  const found = prefix === undefined ? undefined : makerNamed(prefix, world);
  if (found && found.kind !== 'statefulset') return found;
  // The label is the controller's own: a bare Pod that is only named alike does not have it.
  if (metadata?.labels?.['statefulset.kubernetes.io/pod-name'] === undefined) return undefined;
  const maker = makerNamed(ownerName(metadata.name ?? ''), world);
  return maker?.kind === 'statefulset' ? maker : undefined;
}

/** Of a Pod of which only the name is left. */
export function makerOfName(podName: string, world: NamespaceWorld): Maker | undefined {
  const maker = makerNamed(ownerName(podName), world);
  // apimachinery's rand.String: five of 27 characters; an ordinal is a number.
  const pattern = maker?.kind === 'statefulset' ? /-\d+$/ : /-[b-df-hj-np-tv-z2-9]{5}$/;
  return pattern.test(podName) ? maker : undefined;
}

/** ReplicaSet and DaemonSet name their Pods `NAME-xxxxx`, a StatefulSet `NAME-N`. */
function ownerName(podName: string): string {
  return podName.slice(0, podName.lastIndexOf('-'));
}

function makerNamed(name: string, world: NamespaceWorld): Maker | undefined {
  const { replicaSets, statefulSets, daemonSets } = world;
  const named = (each: ReplicaSet | StatefulSet | DaemonSet) => nameOf(each) === name;
  const replicaSet = replicaSets.find(named);
  if (replicaSet) {
    return {
      ...aboutWorkload(replicaSet),
      kind: 'replicaset',
      replicas: replicaSet.spec?.replicas ?? 1,
      family: familyOfReplicaSet(replicaSet),
    };
  }
  const statefulSet = statefulSets.find(named);
  if (statefulSet) {
    const replicas = statefulSet.spec?.replicas ?? 1;
    const family = `statefulset/${name}`;
    return { ...aboutWorkload(statefulSet), kind: 'statefulset', replicas, family };
  }
  const daemonSet = daemonSets.find(named);
  if (!daemonSet) return undefined;
  const family = `daemonset/${name}`;
  return { ...aboutWorkload(daemonSet), kind: 'daemonset', replicas: undefined, family };
}

function aboutWorkload(workload: ReplicaSet | StatefulSet | DaemonSet) {
  const { selector, template } = workload.spec ?? {};
  return { name: nameOf(workload), selector, labels: template?.metadata?.labels ?? {} };
}

export function familyOfReplicaSet({ metadata }: ReplicaSet): string {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  return owner ? `${owner.kind.toLowerCase()}/${owner.name}` : `replicaset/${metadata?.name}`;
}

export function controllerOf({ metadata }: Pod) {
  return metadata?.ownerReferences?.find(({ controller }) => controller);
}
