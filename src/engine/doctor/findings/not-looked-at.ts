import type { ResourceName } from '../../../kube/index.ts';
import type { Finding } from '../finding.ts';
import type { World } from '../world.ts';

const unseen: Partial<Record<ResourceName, string>> = {
  endpoints: 'Endpoints edited under a selector are not seen',
  deployments: 'what a Service without a selector once selected is harder to tell',
  replicasets: 'Pods that lost their ReplicaSet are not seen',
  statefulsets: 'Pods that lost their StatefulSet are not seen',
  daemonsets: 'Pods that lost their DaemonSet are not seen',
};

/** What nothing can be said without about traffic and sessions. */
export function isVital(resource: ResourceName): boolean {
  return unseen[resource] === undefined;
}

export function findUnlistedKinds({ notListed }: World): readonly Finding[] {
  return notListed.map(({ resource, message }) => ({
    name: 'not-looked-at',
    severity: isVital(resource) ? 'error' : 'note',
    object: 'cluster',
    message: `${resource} could not be listed: ${unseen[resource] ?? 'nothing can be said about traffic and sessions'}`,
    details: [message],
  }));
}
