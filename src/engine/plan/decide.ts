import { PitstopError } from '../errors.ts';
import { pickContainer } from './container.ts';
import { findInterlocks } from './interlocks.ts';
import type { Interlock, Plan } from './plan.ts';
import type { SessionRequest } from './request.ts';
import { chooseRoute } from './routes/choose.ts';
import { describeOwner } from './routes/owner.ts';
import type { Owner, Snapshot } from './snapshot.ts';
import { describeReach, reachOf } from './traffic.ts';

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
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'Plan',
    metadata: { name, namespace },
    spec: {
      pod: name,
      podUid: pod.metadata?.uid ?? '',
      container: pickContainer(pod, request.container),
    },
    status: {
      services,
      ...(owner && { owner: summarizeOwner(owner) }),
      route: { name: choice.name, reasons: choice.reasons, rejected: choice.rejected },
      labels: choice.labels,
      ...(choice.conditions && { conditions: choice.conditions }),
      interlocks: findInterlocks(snapshot, services, request.overrides),
      warnings: warningsOf(snapshot, choice.name),
      diagnostic,
    },
  };
}

/** Throws for the first interlock that nobody overrode, naming the flag that would. */
export function refuseInterlocked(plan: Plan): void {
  const blocking = plan.status.interlocks.filter(({ overridden }) => !overridden);
  const [first] = blocking;
  if (!first) return;
  throw new PitstopError('interlock', blocking.map(interlockLine).join('\n'), {
    hint: hintFor(plan, blocking, first),
  });
}

function interlockLine({ name, object, message }: Interlock): string {
  return `interlock ${name}: ${object}: ${message}`;
}

function hintFor(plan: Plan, blocking: readonly Interlock[], first: Interlock): string {
  const { name, namespace } = plan.metadata;
  if (first.name === 'session-exists') return `kubectl pitstop restore ${name} -n ${namespace}`;
  if (blocking.some(({ overridable }) => !overridable)) {
    return `kubectl get pod ${name} -n ${namespace}`;
  }
  const flags = blocking.map((interlock) => `--override=${interlock.name}`).join(' ');
  const scale =
    first.name === 'last-endpoint' && plan.status.owner?.kind === 'deployment'
      ? `kubectl scale deployment/${plan.status.owner.name} -n ${namespace} --replicas=${(plan.status.owner.desiredReplicas ?? 1) + 1}   or, at your own risk: `
      : '';
  return `${scale}${flags}`;
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
