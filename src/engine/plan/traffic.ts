import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { matchesMap } from './labels.ts';
import type { PlanService } from './plan.ts';
import type { Snapshot } from './snapshot.ts';

const serviceNameLabel = 'kubernetes.io/service-name';

/** One Service whose traffic reaches the Pod, and by which slices. */
export interface Reach {
  readonly service: Service;
  /** The selector picks the Pod: relabelling can end it. */
  readonly bySelector: boolean;
  /** Slices that list the Pod now. */
  readonly slices: readonly EndpointSlice[];
}

export function sliceService(slice: EndpointSlice): string {
  return slice.metadata?.labels?.[serviceNameLabel] ?? '';
}

/** Every way traffic reaches the Pod: by selector, or by a slice that lists it, whoever manages it. */
export function reachOf({ pod, services, slices }: Snapshot): readonly Reach[] {
  const listing = slices.filter((slice) => endpointsOf(slice, pod).length > 0);
  return services
    .map((service) => ({
      service,
      bySelector:
        service.spec?.type !== 'ExternalName' &&
        matchesMap(service.spec?.selector, pod.metadata?.labels ?? {}),
      slices: listing.filter((slice) => sliceService(slice) === service.metadata?.name),
    }))
    .filter(({ bySelector, slices }) => bySelector || slices.length > 0);
}

/** The entries of a slice that stand for the Pod: by its uid, or by one of its addresses. */
export function endpointsOf(slice: EndpointSlice, pod: Pod): readonly Endpoint[] {
  const addresses = new Set([...(pod.status?.podIPs ?? []).map(({ ip }) => ip), pod.status?.podIP]);
  return (slice.endpoints ?? []).filter(
    ({ targetRef, addresses: listed }) =>
      (targetRef?.uid !== undefined && targetRef.uid === pod.metadata?.uid) ||
      listed.some((address) => addresses.has(address)),
  );
}

/** Whether a data plane may send new connections there (KEP-1669: nil ready counts as true). */
export function takesTraffic({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false || conditions.serving === true;
}

/** What "listed, ready" means for coming back: ready or nil, and not terminating. */
export function isListedReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false && conditions?.terminating !== true;
}

/** The Service as the plan shows it: ports, slices, and who else would carry its traffic. */
export function describeReach(reach: Reach, { pod, slices }: Snapshot): PlanService {
  const { service } = reach;
  const own = slices.filter((slice) => sliceService(slice) === service.metadata?.name);
  const ready = new Set<string>();
  const readyOthers = new Set<string>();
  for (const slice of own) {
    const mine = new Set(endpointsOf(slice, pod));
    for (const endpoint of slice.endpoints ?? []) {
      if (!isListedReady(endpoint)) continue;
      for (const address of endpoint.addresses) {
        ready.add(address);
        if (!mine.has(endpoint)) readyOthers.add(address);
      }
    }
  }
  return {
    name: service.metadata?.name ?? '',
    ports: (service.spec?.ports ?? []).map(({ name, port, targetPort, protocol }) => ({
      ...(name && { name }),
      port,
      targetPort: resolvePort(reach.slices, pod, { name, protocol, port, targetPort }),
    })),
    slices: reach.slices.map(({ metadata }) => metadata?.name ?? ''),
    readyEndpoints: ready.size,
    readyOthers: readyOthers.size,
  };
}

/** The Pod's own port for a Service port: as its slice resolved it, else by the Pod's port names. */
function resolvePort(
  slices: readonly EndpointSlice[],
  pod: Pod,
  port: {
    readonly name?: string | undefined;
    readonly protocol?: string | undefined;
    readonly port: number;
    readonly targetPort?: number | string | undefined;
  },
): number {
  const sliced = slices
    .flatMap(({ ports = [] }) => ports)
    .find(({ name }) => (name ?? '') === (port.name ?? ''));
  if (sliced?.port !== undefined) return sliced.port;
  if (typeof port.targetPort === 'number') return port.targetPort;
  if (port.targetPort === undefined) return port.port;
  const named = (pod.spec?.containers ?? [])
    .flatMap(({ ports = [] }) => ports)
    .find(
      ({ name, protocol }) =>
        name === port.targetPort && (protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    );
  return named?.containerPort ?? port.port;
}
