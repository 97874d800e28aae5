import type { PlanEntry } from './entries.ts';
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
    ...unresolvedPorts(snapshot, decided),
    ...policyEffects(snapshot, labels, changedLabels(labels, decided.choice.labels)),
    ...unreadWarnings(snapshot, decided),
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
  ];
}

function serviceWarnings(service: PlanService): readonly string[] {
  const name = `service/${service.name}`;
  return [
    ...(service.publishNotReadyAddresses && service.leavesBy.some(({ by }) => by !== 'entry')
      ? [
          `${name} publishes Pods that are not ready: it sends traffic again as soon as the labels are back`,
        ]
      : []),
    ...(service.headless
      ? [
          `${name} is headless: clients that hold on to the Pod's address go on until they ask for the name again`,
        ]
      : []),
  ];
}

function entryWarnings(
  { services }: Snapshot,
  { resource, name, service }: PlanEntry,
): readonly string[] {
  if (services.some(({ metadata }) => metadata?.name === service)) return [];
  return [
    `${resource}/${name} lists the Pod for ${service ? `a Service ${service} that does not exist` : 'no Service'}: the entry is taken out all the same`,
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

/** Said only where it matters: who looks at labels when labels change, who lists when nobody selects. */
function unreadWarnings({ pod, unread = [] }: Snapshot, { choice, services }: Decided) {
  const unknown = unread.filter((resource) =>
    resource === 'endpoints'
      ? services.some(({ selector }) => !selector)
      : Object.keys(choice.labels).length > 0,
  );
  return unknown.length === 0
    ? []
    : [
        `${unknown.join(', ')} cannot be listed in namespace ${pod.metadata?.namespace}: what they make of the change is not known`,
      ];
}
