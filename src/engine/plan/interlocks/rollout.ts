import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import { plural } from '../../words.ts';
import { describeOwner } from '../routes/owner.ts';
import type { Owner } from '../snapshot.ts';
import { ordinalOf } from './ordinal.ts';
import type { Circumstances, Finding } from './finding.ts';

const revisionAnnotation = 'deployment.kubernetes.io/revision';

/** A rollout under way or stuck: a Pod of an old revision is deleted, one that is unready first of all. */
export function findRollout({ snapshot }: Circumstances): readonly Finding[] {
  const { owner, pod } = snapshot;
  const message = owner && rolloutOf(owner, pod.metadata?.name ?? '');
  if (!message) return [];
  const object = describeOwner(owner);
  return [
    {
      name: 'rollout',
      object,
      message,
      hint: `kubectl rollout status ${object} -n ${pod.metadata?.namespace}`,
    },
  ];
}

function rolloutOf(owner: Owner, podName: string): string | undefined {
  if (owner.kind === 'ReplicaSet') {
    return owner.deployment && deploymentRollout(owner.deployment, owner.replicaSet);
  }
  if (owner.kind === 'StatefulSet') return statefulSetRollout(owner.statefulSet, podName);
  return owner.kind === 'DaemonSet' ? daemonSetRollout(owner.daemonSet) : undefined;
}

/** As `kubectl rollout status` judges, but that a Pod gone unready after a finished rollout is none. */
function deploymentRollout(deployment: Deployment, replicaSet: ReplicaSet): string | undefined {
  const { metadata, spec, status } = deployment;
  const replicas = spec?.replicas ?? 1;
  const updated = status?.updatedReplicas ?? 0;
  const all = status?.replicas ?? 0;
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
  const old =
    metadata?.annotations?.[revisionAnnotation] !==
    replicaSet.metadata?.annotations?.[revisionAnnotation];
  const victim = old ? '; this Pod is of an old revision, and would be deleted' : '';
  if (notSeen(deployment)) return 'a change of the Deployment has not been acted on yet';
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return `its rollout is stuck: ${updated} of ${replicas} replicas are of the new revision, no progress within ${spec?.progressDeadlineSeconds ?? 600} s${victim}`;
  }
  const numbers = `${updated} of ${replicas} replicas are of the new revision`;
  if (updated < replicas) {
    return spec?.paused
      ? `its rollout is paused half-way: ${numbers}${victim}`
      : `${numbers}${victim}`;
  }
  if (all > updated)
    return `${plural(all - updated, 'Pod')} of an old revision still there${victim}`;
  const available = status?.availableReplicas ?? 0;
  // deployment/progress.go: a finished rollout keeps this reason whatever its Pods do later.
  const finished = !progressing || progressing.reason === 'NewReplicaSetAvailable';
  if (available < updated && !finished && !spec?.paused) {
    return `${available} of ${updated} updated replicas are available`;
  }
  return undefined;
}

function statefulSetRollout(statefulSet: StatefulSet, podName: string): string | undefined {
  const { spec, status } = statefulSet;
  if (notSeen(statefulSet)) return 'a change of the StatefulSet has not been acted on yet';
  const { updateRevision, currentRevision, updatedReplicas = 0 } = status ?? {};
  if (updateRevision === undefined || updateRevision === currentRevision) return undefined;
  // OnDelete: the controller replaces nothing by itself.
  if (spec?.updateStrategy?.type === 'OnDelete') return undefined;
  const replicas = spec?.replicas ?? 1;
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  const wanted = Math.max(0, replicas - partition);
  if (updatedReplicas >= wanted) return undefined;
  const own = ordinalOf(podName) - (spec?.ordinals?.start ?? 0);
  const spared =
    own < partition ? `; partition ${partition} spares this Pod` : '; this Pod may be deleted';
  return `${updatedReplicas} of ${wanted} replicas are of the new revision${spared}`;
}

function daemonSetRollout(daemonSet: DaemonSet): string | undefined {
  const { spec, status } = daemonSet;
  if (notSeen(daemonSet)) return 'a change of the DaemonSet has not been acted on yet';
  if (spec?.updateStrategy?.type === 'OnDelete') return undefined;
  const desired = status?.desiredNumberScheduled ?? 0;
  const updated = status?.updatedNumberScheduled ?? desired;
  return updated < desired ? `${updated} of ${desired} Pods are of the new revision` : undefined;
}

function notSeen({
  metadata,
  status,
}: {
  readonly metadata?: { readonly generation?: number };
  readonly status?: { readonly observedGeneration?: number };
}): boolean {
  return (status?.observedGeneration ?? 0) < (metadata?.generation ?? 0);
}
