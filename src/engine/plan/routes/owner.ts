import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import { selectorKeys } from '../labels.ts';
import type { Plan } from '../plan.ts';
import type { Owner } from '../read-owner.ts';

const revisionLabel = 'controller-revision-hash';
const podNameLabel = 'statefulset.kubernetes.io/pod-name';

/** `deployment/web`, or the owner itself where no Deployment stands above it. */
export function describeOwner(owner: Owner): string {
  switch (owner.kind) {
    case 'ReplicaSet':
      return owner.deployment
        ? `deployment/${owner.deployment.metadata?.name}`
        : `replicaset/${owner.replicaSet.metadata?.name}`;
    case 'StatefulSet':
      return `statefulset/${owner.statefulSet.metadata?.name}`;
    case 'DaemonSet':
      return `daemonset/${owner.daemonSet.metadata?.name}`;
    case 'ReplicationController':
      return `replicationcontroller/${owner.controller.metadata?.name}`;
    case 'Job':
      return `job/${owner.job.metadata?.name}`;
    case 'Other':
      return `${owner.reference.kind.toLowerCase()}/${owner.reference.name}`;
  }
}

/** The owner as the plan shows it. */
export function summarizeOwner(owner: Owner): NonNullable<Plan['status']['owner']> {
  const [kind = '', name = ''] = describeOwner(owner).split('/');
  const replicas = replicasOf(owner);
  const parent =
    owner.kind === 'ReplicaSet' && !owner.deployment
      ? owner.replicaSet.metadata?.ownerReferences?.find(({ controller }) => controller)
      : undefined;
  return {
    kind,
    name,
    ...(replicas !== undefined && { desiredReplicas: replicas }),
    ...(parent && { ownedBy: `${parent.kind.toLowerCase()}/${parent.name}` }),
  };
}

function replicasOf(owner: Owner): number | undefined {
  switch (owner.kind) {
    case 'ReplicaSet':
      return (owner.deployment ?? owner.replicaSet).spec?.replicas;
    case 'StatefulSet':
      return owner.statefulSet.spec?.replicas;
    case 'ReplicationController':
      return owner.controller.spec?.replicas;
    case 'DaemonSet':
    case 'Job':
    case 'Other':
      return undefined;
  }
}

/** By which labels the owner holds its Pods; undefined where nobody can tell. */
export function ownerSelector(owner: Owner): LabelSelector | undefined {
  switch (owner.kind) {
    case 'ReplicaSet':
      return owner.replicaSet.spec?.selector;
    case 'StatefulSet':
      return owner.statefulSet.spec?.selector;
    case 'DaemonSet':
      return owner.daemonSet.spec?.selector;
    case 'ReplicationController':
      return { matchLabels: owner.controller.spec?.selector ?? {} };
    case 'Job':
      return owner.job.spec?.selector;
    case 'Other':
      // A Node owns the mirrors of its static Pods, whatever their labels.
      return owner.reference.kind === 'Node' ? {} : owner.selector;
  }
}

/**
 * Labels that the owner would not leave off: those it selects on, and, of a StatefulSet, the Pod's
 * name, which it writes back. Without its revision a Pod counts as outdated, and a rollout deletes
 * it. Undefined where what the owner selects on is not known.
 */
export function keptLabels(owner: Owner): readonly string[] | undefined {
  const selector = ownerSelector(owner);
  if (!selector) return undefined;
  const selected = [...selectorKeys(selector)];
  switch (owner.kind) {
    case 'StatefulSet':
    case 'Other':
      return [...selected, podNameLabel, revisionLabel];
    case 'DaemonSet':
      return [...selected, revisionLabel];
    case 'ReplicaSet':
    case 'ReplicationController':
    case 'Job':
      return selected;
  }
}

export function unknownOwner(owner: Owner): string {
  const version = owner.kind === 'Other' ? ` (${owner.reference.apiVersion})` : '';
  return (
    `what ${describeOwner(owner)}${version} selects its Pods by is not known; ` +
    'a readiness gate (route gate) or --route=selector would not need to know'
  );
}
