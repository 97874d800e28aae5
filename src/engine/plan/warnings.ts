import type { Pod } from 'kubernetes-types/core/v1.js';
import { plural } from '../words.ts';
import { elsewhereWarnings } from './elsewhere.ts';
import { entryObject, type PlanEntry } from './entries.ts';
import { isReady } from './is-ready.ts';
import { changedLabels } from './labels.ts';
import type { PlanService } from './plan.ts';
import { policyEffects } from './policies.ts';
import type { RouteChoice } from './routes/choose.ts';
import type { Snapshot } from './snapshot.ts';

interface Decided {
  readonly choice: Extract<RouteChoice, { readonly labels: unknown }>;
  readonly services: readonly PlanService[];
  readonly entries: readonly PlanEntry[];
}

/** What a person should know before going, although nothing of it refuses. */
export function findWarnings(snapshot: Snapshot, decided: Decided): readonly string[] {
  const labels = snapshot.pod.metadata?.labels ?? {};
  return [
    ...routeWarnings(snapshot, decided),
    ...decided.services.flatMap(serviceWarnings),
    ...decided.entries.flatMap((entry) => entryWarnings(snapshot, entry)),
    ...elsewhereWarnings(snapshot),
    ...unresolvedPorts(snapshot, decided),
    ...policyEffects(snapshot, labels, changedLabels(labels, decided.choice.labels)),
    ...unreadEndpoints(snapshot, decided),
  ];
}

function routeWarnings({ pod, owner }: Snapshot, { choice }: Decided): readonly string[] {
  if (choice.name !== 'release') return [];
  const hostPort = pod.spec?.containers?.some(({ ports = [] }) => ports.some((p) => p.hostPort));
  return [
    ...(owner?.kind === 'DaemonSet' && hostPort
      ? ['the replacement cannot start while the Pod holds its host port']
      : []),
    ...(owner?.kind === 'ReplicaSet' && owner.replicaSet.spec?.replicas === 0
      ? ['the ReplicaSet wants no Pods: the Pod would be deleted on its way back']
      : []),
    ...unreadySiblings(pod, owner),
  ];
}

/** ActivePodsWithRanks: a Pod that is not Ready goes before one that is, whatever its deletion cost. */
function unreadySiblings(pod: Pod, owner: Snapshot['owner']): readonly string[] {
  const workload =
    owner?.kind === 'ReplicaSet'
      ? owner.replicaSet
      : owner?.kind === 'ReplicationController'
        ? owner.controller
        : undefined;
  const { replicas = 0, readyReplicas = 0 } = workload?.status ?? {};
  const unready = replicas - readyReplicas - (isReady(pod.status?.conditions) ? 0 : 1);
  return unready > 0
    ? [
        `${plural(unready, 'other Pod')} of its owner ${unready === 1 ? 'is' : 'are'} not Ready: ` +
          'on the way back one of them goes, and the replacement stays',
      ]
    : [];
}

function serviceWarnings(service: PlanService): readonly string[] {
  const name = `service/${service.name}`;
  return [
    ...(service.publishNotReadyAddresses && service.leavesBy.some(({ by }) => by !== 'entry')
      ? [
          `${name} publishes Pods that are not ready: it sends traffic again as soon as the labels are back`,
        ]
      : []),
    ...service.ports
      .filter(({ protocol }) => protocol !== undefined)
      .map(
        ({ port, protocol }) =>
          `${name} port ${port} is ${protocol}: only for TCP can be proven that nobody is connected any more`,
      ),
    ...(service.headless
      ? [
          `${name} is headless: clients that hold on to the Pod's address go on until they ask for the name again`,
        ]
      : []),
  ];
}

function entryWarnings({ services }: Snapshot, entry: PlanEntry): readonly string[] {
  const { service, managedBy } = entry;
  const object = entryObject(entry);
  const exists = services.some(({ metadata }) => metadata?.name === service);
  const whose = service ? `a Service ${service} that does not exist` : 'no Service';
  // A domain names a controller; a word (`staff`) is what people write who make slices themselves.
  const mayReturn = managedBy.includes('.') && !managedBy.endsWith('.k8s.io');
  return [
    ...(exists
      ? []
      : [`${object} lists the Pod for ${whose}: the entry is taken out all the same`]),
    ...(mayReturn
      ? [`${object} is managed by ${managedBy}: should it write the entry back, the stop ends`]
      : []),
  ];
}

/** A port whose name no container of the Pod knows: its slice lists the Pod without it. */
function unresolvedPorts({ services }: Snapshot, decided: Decided): readonly string[] {
  return decided.services.flatMap(({ name, ports }) => {
    const spec = services.find(({ metadata }) => metadata?.name === name)?.spec;
    return (spec?.ports ?? [])
      .filter(({ port }) => !ports.some((each) => each.port === port))
      .map(
        ({ port, targetPort }) =>
          `service/${name} port ${port} means a port ${targetPort}, which the Pod does not have`,
      );
  });
}

/** What else may not be read is said with the permissions it takes. */
function unreadEndpoints({ pod, unread = [] }: Snapshot, { services }: Decided): readonly string[] {
  return unread.includes('endpoints') && services.some(({ selector }) => !selector)
    ? [
        `endpoints cannot be listed in namespace ${pod.metadata?.namespace}: those that list the Pod stay as they are`,
      ]
    : [];
}
