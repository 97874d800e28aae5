import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import { selectorKeys } from '../labels.ts';
import type { Owner } from '../snapshot.ts';

const revisionLabel = 'controller-revision-hash';

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
    case 'Other':
      return `${owner.reference.kind.toLowerCase()}/${owner.reference.name}`;
  }
}

export function ownerSelector(owner: Owner): LabelSelector | undefined {
  switch (owner.kind) {
    case 'ReplicaSet':
      return owner.replicaSet.spec?.selector;
    case 'StatefulSet':
      return owner.statefulSet.spec?.selector;
    case 'DaemonSet':
      return owner.daemonSet.spec?.selector;
    case 'Other':
      return undefined;
  }
}

/**
 * Labels that the owner would not leave off: those it selects on, and, of a StatefulSet, the Pod's
 * name, which it writes back. Without its revision a Pod counts as outdated, and a rollout deletes it.
 */
export function keptLabels(owner: Owner): readonly string[] {
  const selected = [...selectorKeys(ownerSelector(owner))];
  switch (owner.kind) {
    case 'StatefulSet':
      return [...selected, 'statefulset.kubernetes.io/pod-name', revisionLabel];
    case 'DaemonSet':
      return [...selected, revisionLabel];
    case 'ReplicaSet':
    case 'Other':
      return selected;
  }
}

export function unknownOwner(owner: Extract<Owner, { kind: 'Other' }>): string {
  return `${describeOwner(owner)} is of a kind whose selector is not known (${owner.reference.apiVersion})`;
}
