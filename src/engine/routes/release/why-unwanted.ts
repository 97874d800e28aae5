import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError, type KubeObject, type ResourceName } from '../../../kube/index.ts';
import type { UndoRecord } from '../../session/record.ts';
import { insist } from '../../steps/insist.ts';
import type { Stop } from '../../steps/stop.ts';
import { listOwned, newcomers, targetNode } from './owned-pods.ts';

const resources: Readonly<Record<string, ResourceName>> = {
  ReplicaSet: 'replicasets',
  ReplicationController: 'replicationcontrollers',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
};

/**
 * Why the owner would not take the Pod back, or would delete it (or another that was there before)
 * as soon as it has; undefined when it wants the Pod. Completes "replicaset/web-5d …".
 */
export async function whyUnwanted(
  stop: Stop,
  record: UndoRecord,
  pod: Pod,
  timeoutMs: number,
): Promise<string | undefined> {
  const resource = record.owner && resources[record.owner.kind];
  if (!record.owner || !resource) return undefined;
  const { kube, namespace, signal } = stop;
  const { kind, name, uid } = record.owner;
  return await insist({ signal, timeoutMs }, async () => {
    const owner = await kube.get<ReplicaSet & StatefulSet & DaemonSet>(
      { resource, namespace, name },
      { signal },
    );
    if (owner?.metadata?.uid !== uid) return 'is gone: nobody would own the Pod that comes back';
    if (owner.metadata.deletionTimestamp) return 'is being deleted, and its Pods with it';
    switch (kind) {
      case 'StatefulSet':
        return statefulSetWhy(pod, owner);
      case 'DaemonSet':
        return daemonSetWhy(pod, owner, await listOwned(stop, record));
      default: {
        const deployment = await deploymentOf(stop, owner);
        return replicasWhy(owner, deployment, await listOwned(stop, record), record);
      }
    }
  });
}

const unwanted = 'does not want it any more';

/** Of a ReplicaSet or ReplicationController: `owned` are its Pods without the one that is out. */
export function replicasWhy(
  { metadata, spec }: ReplicaSet,
  deployment: Deployment | undefined,
  owned: readonly Pod[],
  record: UndoRecord,
): string | undefined {
  const replicas = spec?.replicas ?? 1;
  if (replicas === 0) {
    return `${unwanted} (a rollout or scale-down happened meanwhile), and would delete it on its way back`;
  }
  const revision = metadata?.annotations?.[revisionAnnotation];
  const current = deployment?.metadata?.annotations?.[revisionAnnotation];
  if (revision !== current && current !== undefined && !deployment?.spec?.paused) {
    return `${unwanted}: a rollout from its revision ${revision} to ${current} is under way, and would delete it with the others`;
  }
  const isScaledDown = owned.length >= replicas && newcomers(owned, record).length === 0;
  // Without the list of siblings nobody can tell them from newcomers.
  if (record.siblings && isScaledDown) {
    return `${unwanted}: scaled down to ${replicas} meanwhile, it would delete a Pod that was not touched, or this one`;
  }
  return undefined;
}

const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** KEP-3335: a StatefulSet's Pods are numbered from spec.ordinals.start. */
export function statefulSetWhy(pod: Pod, { spec, status }: StatefulSet): string | undefined {
  const name = pod.metadata?.name ?? '';
  const index = Number(name.slice(name.lastIndexOf('-') + 1)) - (spec?.ordinals?.start ?? 0);
  const { replicas = 1, updateStrategy } = spec ?? {};
  if (index < 0 || index >= replicas) {
    return `${unwanted} (a scale-down to ${replicas} happened meanwhile), and would delete it on its way back`;
  }
  const revision = pod.metadata?.labels?.[hashLabel];
  const isCurrent = revision === undefined || revision === status?.updateRevision;
  const partition = updateStrategy?.rollingUpdate?.partition ?? 0;
  if (isCurrent || !status?.updateRevision || index < partition) return undefined;
  if (updateStrategy?.type === 'OnDelete') return undefined;
  return `${unwanted}: a rollout to revision ${status.updateRevision} would delete it, and start it anew`;
}

const hashLabel = 'controller-revision-hash';

/** On return the oldest Pod of a node stays, unless its template or its node has changed. */
export function daemonSetWhy(
  pod: Pod,
  { metadata, spec, status }: DaemonSet,
  owned: readonly Pod[],
): string | undefined {
  const generation = pod.metadata?.labels?.['pod-template-generation'];
  const current = metadata?.annotations?.['deprecated.daemonset.template.generation'];
  const isOld = generation !== undefined && current !== undefined && generation !== current;
  if (isOld && spec?.updateStrategy?.type !== 'OnDelete') {
    return `${unwanted}: its template has changed, and the rollout would delete it`;
  }
  const nodes = new Set(owned.map(targetNode));
  const isCounted = status?.observedGeneration === metadata?.generation;
  if (
    isCounted &&
    !nodes.has(pod.spec?.nodeName) &&
    nodes.size === status?.desiredNumberScheduled
  ) {
    return `${unwanted}: node ${pod.spec?.nodeName} is not one of its nodes now`;
  }
  return undefined;
}

/** Absent without one, and where it may not be read: then only the ReplicaSet is asked. */
async function deploymentOf(
  { kube, namespace, signal }: Stop,
  { metadata }: KubeObject,
): Promise<Deployment | undefined> {
  const parent = metadata?.ownerReferences?.find(
    ({ controller, kind }) => controller && kind === 'Deployment',
  );
  if (!parent) return undefined;
  const reference = { resource: 'deployments', namespace, name: parent.name } as const;
  try {
    return await kube.get<Deployment>(reference, { signal });
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return undefined;
    throw error;
  }
}
