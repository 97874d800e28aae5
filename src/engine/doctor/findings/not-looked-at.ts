import type { ResourceName } from '../../../kube/index.ts';
import type { Finding } from '../finding.ts';
import type { World } from '../world.ts';

const unseen: Partial<Record<ResourceName, string>> = {
  endpoints: 'Endpoints edited under a selector',
  deployments: 'what a Service without a selector once selected',
  replicasets: 'Pods that lost their ReplicaSet',
  statefulsets: 'Pods that lost their StatefulSet',
  daemonsets: 'Pods that lost their DaemonSet',
};

/** What nothing can be said without about traffic and sessions. */
export function isVital(resource: ResourceName): boolean {
  return unseen[resource] === undefined;
}

export function findUnlistedKinds({ notListed }: World): readonly Finding[] {
  const vital = notListed.filter(({ resource }) => isVital(resource));
  const others = notListed.filter(({ resource }) => !isVital(resource));
  return [
    ...findingOf(vital, 'error', 'nothing can be said about traffic and sessions'),
    ...findingOf(
      others,
      'note',
      `not looked for: ${others.map(({ resource }) => unseen[resource]).join(', ')}`,
    ),
  ];
}

/** Only whoever asks for it has a Pod touched: an ephemeral container stays in its spec. */
export function findShutContainers({ shut }: World): readonly Finding[] {
  return shut.map(({ namespace, pod, container, helper }) => ({
    name: 'not-looked-at' as const,
    severity: 'note' as const,
    namespace,
    object: `pod/${pod}`,
    message: `container ${container} has no shell, and a session has worked on it through ephemeral container ${helper}: whether it left something there is not known`,
    hint: `through another ephemeral container: kubectl pitstop collect ${pod} /tmp/pitstop-ID/FILE -n ${namespace} -c ${container}; what is there goes with the Pod`,
  }));
}

function findingOf(
  notListed: World['notListed'],
  severity: Finding['severity'],
  consequence: string,
): readonly Finding[] {
  if (notListed.length === 0) return [];
  return [
    {
      name: 'not-looked-at',
      severity,
      object: 'cluster',
      message: `${notListed.map(({ resource }) => resource).join(', ')} could not be listed; ${consequence}`,
      details: notListed.map(({ message }) => message),
    },
  ];
}
