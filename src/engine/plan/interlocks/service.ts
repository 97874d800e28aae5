import { plural } from '../../words.ts';
import type { PlanService } from '../plan.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Circumstances, Finding } from './finding.ts';
import { neededOthers, servingOthers } from './remaining.ts';

/** What would remain in each Service, and Services on which the route has no effect. */
export function findServiceInterlocks(circumstances: Circumstances): readonly Finding[] {
  return circumstances.services.flatMap((service) => [
    ...lastEndpoint(service, circumstances),
    ...publishNotReady(service, circumstances),
  ]);
}

function lastEndpoint(
  service: PlanService,
  { snapshot, minReady }: Circumstances,
): readonly Finding[] {
  // A Pod that is not ready there carries nothing: taking it out changes nothing.
  if (service.readyEndpoints === service.readyOthers) return [];
  const needed = neededOthers(minReady, service.readyEndpoints);
  const others = servingOthers(service.name, snapshot);
  if (others >= needed) return lastOnNode(service, { snapshot });
  const object = `service/${service.name}`;
  // More replicas join a Service by its selector only.
  const hint = service.selector ? moreReplicas(snapshot, needed - others) : undefined;
  if (others > 0 || needed > 1) {
    const asked = minReady && 'percent' in minReady ? ` (${minReady.percent}% of those now)` : '';
    return [
      {
        name: 'last-endpoint',
        object,
        message: `${plural(others, 'other ready endpoint')} would remain, and ${needed}${asked} must (--min-ready)`,
        ...(hint && { hint }),
      },
    ];
  }
  const unready =
    service.readyOthers > 0 ? `; ${plural(service.readyOthers, 'other')} published unready` : '';
  return [
    {
      name: 'last-endpoint',
      object,
      message: `the Pod is its only ready endpoint: its clients would be refused${unready}`,
      ...(hint && { hint }),
    },
  ];
}

/** With a traffic policy `Local` the other nodes' endpoints are of no use to clients of this one. */
function lastOnNode(
  service: PlanService,
  { snapshot }: Pick<Circumstances, 'snapshot'>,
): readonly Finding[] {
  if (service.readyOthersOnNode !== 0) return [];
  const node = `node ${snapshot.pod.spec?.nodeName}`;
  const who = [
    ...(service.internalTrafficPolicy ? [`clients on ${node} (internalTrafficPolicy)`] : []),
    ...(service.externalTrafficPolicy
      ? [`traffic from outside to ${node} (externalTrafficPolicy)`]
      : []),
  ];
  return [
    {
      name: 'last-endpoint',
      object: `service/${service.name}`,
      message: `the Pod is its only ready endpoint on ${node}, and policy Local keeps to that node: ${who.join(' and ')} would reach nobody`,
    },
  ];
}

function moreReplicas({ owner, pod }: Snapshot, missing: number): string | undefined {
  const scaled =
    owner?.kind === 'ReplicaSet'
      ? (owner.deployment ?? owner.replicaSet)
      : owner?.kind === 'StatefulSet'
        ? owner.statefulSet
        : undefined;
  if (!scaled) return undefined;
  const kind = owner?.kind === 'ReplicaSet' && owner.deployment ? 'Deployment' : owner?.kind;
  const replicas = (scaled.spec?.replicas ?? 1) + missing;
  return `kubectl scale ${kind?.toLowerCase()}/${scaled.metadata?.name} -n ${pod.metadata?.namespace} --replicas=${replicas}`;
}

function publishNotReady(
  { name, publishNotReadyAddresses, leavesBy }: PlanService,
  { route }: Circumstances,
): readonly Finding[] {
  if (!publishNotReadyAddresses || route !== 'gate') return [];
  return leavesBy.some(({ by }) => by === 'gate') ? [publishes(name)] : [];
}

/** What a Service says to route gate that lists its Pods ready or not. */
export function publishes(service: string): Finding {
  return {
    name: 'publish-not-ready',
    object: `service/${service}`,
    message: 'it publishes Pods that are not ready: with route gate the Pod would stay listed',
    hint: '--route=label or --route=release',
  };
}
