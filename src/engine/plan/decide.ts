import { PitstopError } from '../errors.ts';
import { pickContainer } from './container.ts';
import { findInterlocks, uncheckedInterlocks } from './interlocks/find.ts';
import { toInterlocks, type Circumstances } from './interlocks/finding.ts';
import type { Plan } from './plan.ts';
import type { SessionRequest } from './request.ts';
import { chooseRoute } from './routes/choose.ts';
import { describeOwner } from './routes/owner.ts';
import type { Owner, Snapshot } from './snapshot.ts';
import { describeReach, reachOf } from './traffic.ts';

export { refuseInterlocked } from './interlocks/refuse.ts';

/**
 * The whole decision, from a snapshot alone: which Services, which route and why, what would be
 * written, what refuses. Throws `container-not-found` and `no-route`; interlocks are only listed.
 */
export function decide(snapshot: Snapshot, request: SessionRequest, diagnostic: string): Plan {
  const { pod, owner } = snapshot;
  const name = pod.metadata?.name ?? '';
  const namespace = pod.metadata?.namespace ?? '';
  const reach = reachOf(snapshot);
  const services = reach.map((item) => describeReach(item, snapshot));
  const choice = chooseRoute(snapshot, reach, request.route);
  if (choice.name === undefined) {
    throw new PitstopError(
      'no-route',
      [
        `pod ${namespace}/${name} cannot be taken out of its Services`,
        ...choice.rejected.map((rejection) => `  ${rejection.name}: ${rejection.reason}`),
      ].join('\n'),
      { hint: `kubectl get endpointslices -n ${namespace} -o wide` },
    );
  }
  const circumstances: Circumstances = {
    snapshot,
    services,
    route: choice.name,
    container: pickContainer(pod, request.container),
    runsDiagnostic: diagnostic !== 'none',
    minReady: request.minReady,
  };
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'Plan',
    metadata: { name, namespace },
    spec: { pod: name, podUid: pod.metadata?.uid ?? '', container: circumstances.container },
    status: {
      services,
      ...(owner && { owner: summarizeOwner(owner) }),
      route: { name: choice.name, reasons: choice.reasons, rejected: choice.rejected },
      labels: choice.labels,
      ...(choice.conditions && { conditions: choice.conditions }),
      ...(choice.selectors && { selectors: choice.selectors }),
      interlocks: toInterlocks(findInterlocks(circumstances), request.overrides),
      warnings: [...warningsOf(snapshot, choice.name), ...uncheckedInterlocks(circumstances)],
      diagnostic,
    },
  };
}

function summarizeOwner(owner: Owner): NonNullable<Plan['status']['owner']> {
  const [kind = '', name = ''] = describeOwner(owner).split('/');
  const replicas =
    owner.kind === 'ReplicaSet'
      ? (owner.deployment ?? owner.replicaSet).spec?.replicas
      : owner.kind === 'StatefulSet'
        ? owner.statefulSet.spec?.replicas
        : undefined;
  return { kind, name, ...(replicas !== undefined && { desiredReplicas: replicas }) };
}

function warningsOf({ pod, services, owner }: Snapshot, route: string): readonly string[] {
  const warnings: string[] = [];
  if (route === 'release' && owner?.kind === 'DaemonSet') {
    const hostPort = pod.spec?.containers?.some(({ ports = [] }) => ports.some((p) => p.hostPort));
    if (hostPort) warnings.push('the replacement cannot start while the Pod holds its host port');
  }
  if (
    route === 'release' &&
    owner?.kind === 'ReplicaSet' &&
    owner.replicaSet.spec?.replicas === 0
  ) {
    warnings.push('the ReplicaSet wants no Pods: the Pod would be deleted on its way back');
  }
  for (const { spec, metadata } of services) {
    if (spec?.publishNotReadyAddresses && pod.metadata?.labels && spec.selector) {
      const selects = Object.entries(spec.selector).every(
        ([key, value]) => pod.metadata?.labels?.[key] === value,
      );
      if (selects) {
        warnings.push(
          `service/${metadata?.name} publishes Pods that are not ready: it sends traffic again as soon as the labels are back`,
        );
      }
    }
  }
  return warnings;
}
