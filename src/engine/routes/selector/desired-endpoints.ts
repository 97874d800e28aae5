import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointPort } from 'kubernetes-types/discovery/v1.js';
import { isReady } from '../../plan/is-ready.ts';
import {
  addressesOf,
  familiesOf,
  hostnameOf,
  isHeadless,
  isListed,
  targetPortOf,
  type Desired,
  type Family,
} from './listed-pod.ts';

/** Endpoints that may share slices: one address family, one set of resolved ports. */
export interface EndpointGroup {
  readonly addressType: Family;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/**
 * What the EndpointSlice controller would list for a Service if its selector were still there, and
 * the Pods that are out did not exist. Groups and endpoints come in an order that depends on nothing
 * but the Pods' names, so that all who compute it agree.
 */
export function desiredEndpoints(desired: Desired): readonly EndpointGroup[] {
  const { service } = desired;
  const pods = desired.pods
    .filter((pod) => isListed(pod, desired, { includeTerminating: true }))
    .toSorted((a, b) => (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? ''));
  const groups = new Map<
    string,
    { addressType: Family; ports: readonly EndpointPort[]; endpoints: Endpoint[] }
  >();
  for (const addressType of familiesOf(service)) {
    for (const pod of pods) {
      const addresses = addressesOf(pod, addressType);
      if (addresses.length === 0) continue;
      const ports = portsOf(service, pod);
      const key = `${addressType} ${portsKey(ports)}`;
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpointOf(desired, pod, [...addresses]));
    }
  }
  return [...groups.values()];
}

/** A name that the Pod does not know is left out, and the Pod is listed all the same. */
function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  const ports = service.spec?.ports ?? [];
  if (ports.length === 0 && isHeadless(service)) return [];
  return ports.flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [{ name, port, protocol, ...(appProtocol && { appProtocol }) }];
  });
}

/** The same for slices that list the same ports, in whatever order. */
export function portsKey(ports: readonly EndpointPort[] | undefined): string {
  return (ports ?? [])
    .map(({ name = '', port, protocol = 'TCP', appProtocol = '' }) =>
      JSON.stringify([name, port ?? null, protocol, appProtocol]),
    )
    .toSorted()
    .join();
}

function endpointOf({ service, zones }: Desired, pod: Pod, addresses: string[]): Endpoint {
  const { namespace = '', name, uid, deletionTimestamp } = pod.metadata ?? {};
  const serving = isReady(pod.status?.conditions);
  const terminating = deletionTimestamp !== undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameOf(service, pod);
  const nodeName = pod.spec?.nodeName;
  const zone = nodeName === undefined ? undefined : zones.get(nodeName);
  const hints = ready ? hintsOf(service, { zone, nodeName }) : undefined;
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname && { hostname }),
    ...(nodeName && { nodeName }),
    targetRef: { kind: 'Pod', namespace, name: name ?? '', uid: uid ?? '' },
    ...(zone && { zone }),
    ...(hints && { hints }),
  };
}

/** `forNodes` is newer than the types. */
type Hints = NonNullable<Endpoint['hints']> & { forNodes?: { name: string }[] };

/** KEP-4444, KEP-3015: each ready endpoint is recommended to its own zone, and node. */
function hintsOf(
  service: Service,
  { zone, nodeName }: { readonly zone: string | undefined; readonly nodeName: string | undefined },
): Hints | undefined {
  if (allocatesZones(service)) return undefined;
  const { trafficDistribution = '' } = (service.spec ?? {}) as { trafficDistribution?: string };
  const forNodes = trafficDistribution === 'PreferSameNode' && nodeName;
  const forZones = (forNodes || isClose(trafficDistribution)) && zone;
  if (!forZones && !forNodes) return undefined;
  return {
    ...(forZones && { forZones: [{ name: forZones }] }),
    ...(forNodes && { forNodes: [{ name: forNodes }] }),
  };
}

function isClose(trafficDistribution: string): boolean {
  return ['PreferClose', 'PreferSameZone', 'PreferSameNode'].includes(trafficDistribution);
}

/**
 * KEP-2433: with this annotation the controller spreads the endpoints over the zones by their CPUs.
 * The stand-in does not compute that anew: it leaves the hints that are there. With an endpoint that
 * has none, proxies ignore all of them and route cluster-wide.
 */
export function allocatesZones({ metadata }: Service): boolean {
  const { annotations = {} } = metadata ?? {};
  const mode =
    annotations['service.kubernetes.io/topology-mode'] ??
    annotations['service.kubernetes.io/topology-aware-hints'];
  return mode?.toLowerCase() === 'auto';
}
