import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Kube } from '../kube/index.ts';
import { PitstopError } from './errors.ts';
import { recordAnnotation } from './annotations.ts';
import { readRecord } from './session/record.ts';
import { effectiveSelector } from './session/service-record.ts';
import { isOverdue } from './session/expiry.ts';
import { serverNowMs } from './session/server-now.ts';
import type { RouteName } from './plan/plan.ts';
import { isListedReady, sliceService } from './plan/traffic.ts';

/** Services → endpoints → Pods, and who is out (`kubectl pitstop status`). */
export interface StatusReport {
  readonly apiVersion: 'pitstop.dev/v1alpha1';
  readonly kind: 'StatusReport';
  /** Empty = every namespace. */
  readonly metadata: { readonly namespace: string };
  readonly services: readonly ServiceStatus[];
  readonly sessions: readonly HeldPod[];
}

export interface ServiceStatus {
  readonly namespace: string;
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly endpoints: readonly {
    readonly address: string;
    readonly pod?: string;
    readonly ready: boolean;
    readonly terminating: boolean;
    readonly slice: string;
  }[];
}

/** A Pod that carries an undo record. */
export interface HeldPod {
  readonly namespace: string;
  readonly pod: string;
  readonly id: string;
  readonly by: string;
  readonly since: string;
  readonly deadline?: string;
  readonly overdue: boolean;
  readonly route: RouteName;
  readonly services: readonly string[];
  readonly diagnostic: string;
}

/** `target` narrows to one Pod (`POD`, `pod/NAME`) or one Service (`svc/NAME`). */
export async function readStatus(
  kube: Kube,
  request: {
    readonly namespace: string;
    /** Of every namespace; goes with no target. */
    readonly allNamespaces?: boolean | undefined;
    readonly target?: string | undefined;
  },
  signal?: AbortSignal,
): Promise<StatusReport> {
  const namespace = request.allNamespaces ? undefined : request.namespace;
  const [services, slices, pods] = await Promise.all([
    kube.list<Service>('services', { namespace, signal }),
    kube.list<EndpointSlice>('endpointslices', { namespace, signal }),
    kube.list<Pod>('pods', { namespace, signal }),
  ]);
  const nowMs = serverNowMs(kube);
  const held = pods.flatMap((pod) => {
    const found = heldPod(pod, nowMs);
    return found ? [found] : [];
  });
  const statuses = services.map((service) => serviceStatus(service, slices));
  const report = narrow(
    { services: statuses, sessions: held },
    request.target,
    pods,
    request.namespace,
  );
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'StatusReport',
    metadata: { namespace: namespace ?? '' },
    ...report,
  };
}

function narrow(
  all: Pick<StatusReport, 'services' | 'sessions'>,
  target: string | undefined,
  pods: readonly Pod[],
  namespace: string,
): Pick<StatusReport, 'services' | 'sessions'> {
  if (target === undefined) return all;
  const [kind, name] = target.includes('/') ? target.split('/') : ['pod', target];
  if (kind === 'svc' || kind === 'service' || kind === 'services') {
    const services = all.services.filter((service) => service.name === name);
    if (services.length === 0) throw missing(target, namespace);
    return {
      services,
      sessions: all.sessions.filter((held) => held.services.includes(name ?? '')),
    };
  }
  if (!pods.some(({ metadata }) => metadata?.name === name)) throw missing(target, namespace);
  const sessions = all.sessions.filter(({ pod }) => pod === name);
  const left = new Set(sessions.flatMap(({ services }) => services));
  return {
    services: all.services.filter(
      (service) => left.has(service.name) || service.endpoints.some(({ pod }) => pod === name),
    ),
    sessions,
  };
}

function serviceStatus(service: Service, slices: readonly EndpointSlice[]): ServiceStatus {
  const { name = '', namespace = '' } = service.metadata ?? {};
  return {
    namespace,
    name,
    selector: effectiveSelector(service) ?? {},
    endpoints: slices
      .filter((slice) => slice.metadata?.namespace === namespace && sliceService(slice) === name)
      .flatMap((slice) =>
        (slice.endpoints ?? []).flatMap((endpoint) =>
          endpoint.addresses.map((address) => ({
            address,
            ...(endpoint.targetRef?.kind === 'Pod' &&
              endpoint.targetRef.name && { pod: endpoint.targetRef.name }),
            ready: isListedReady(endpoint),
            terminating: endpoint.conditions?.terminating === true,
            slice: slice.metadata?.name ?? '',
          })),
        ),
      ),
  };
}

/** A record that cannot be read still shows: its Pod is held by something. */
function heldPod(pod: Pod, nowMs: number): HeldPod | undefined {
  if (pod.metadata?.annotations?.[recordAnnotation] === undefined) return undefined;
  const { name = '', namespace = '' } = pod.metadata;
  try {
    const record = readRecord(pod);
    if (!record) return undefined;
    return {
      namespace,
      pod: name,
      id: record.id,
      by: record.by,
      since: record.startedAt,
      ...(record.deadline !== undefined && { deadline: record.deadline }),
      overdue: isOverdue(record, nowMs),
      route: record.route,
      services: record.services,
      diagnostic: record.diagnostic,
    };
  } catch {
    return {
      namespace,
      pod: name,
      id: '?',
      by: 'unreadable record',
      since: '',
      overdue: false,
      route: 'none',
      services: [],
      diagnostic: '?',
    };
  }
}

function missing(target: string, namespace: string): PitstopError {
  return new PitstopError('target-not-found', `${target} not found in namespace ${namespace}`, {
    hint: `kubectl pitstop status -n ${namespace}`,
  });
}
