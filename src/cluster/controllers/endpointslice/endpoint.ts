import type { Node, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointPort, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { isBeingDeleted, metaOf } from '../object-meta.ts';
import { oncePerPair } from '../once-per-pair.ts';
import { isPodReady } from '../pod-status.ts';
import {
  addressesOf,
  belongsInEndpoints,
  hostnameIn,
  type IpFamily,
  isHeadless,
  targetPortOf,
} from '../service-pods.ts';

/** `forNodes` is newer than the types. */
interface Hints {
  readonly forZones?: { readonly name: string }[];
  readonly forNodes?: { readonly name: string }[];
}

/** A Pod as its Service's slices list it, with the keys by which it finds its place there. */
export interface Listing {
  readonly isListed: boolean;
  readonly endpoint: Endpoint;
  readonly key: string;
  readonly ports: readonly EndpointPort[];
  readonly portsKey: string;
}

interface Place {
  readonly node: Node | undefined;
  readonly family: IpFamily;
}

export function listingOf(service: Service, pod: Pod, { node, family }: Place): Listing {
  const listings = listingsOf(service, pod);
  const zone = node?.metadata?.labels?.['topology.kubernetes.io/zone'] || undefined;
  const known = listings[family];
  if (known && known.endpoint.zone === zone) return known;
  const endpoint = endpointOf(service, pod, { zone, family });
  const ports = endpointPortsOf(service, pod);
  return (listings[family] = {
    isListed:
      belongsInEndpoints(pod, { includeTerminating: true }) && endpoint.addresses.length > 0,
    endpoint,
    key: endpointKey(endpoint),
    ports,
    portsKey: portSetKey(ports),
  });
}

const listingsOf = oncePerPair<Service, Pod, { [Family in IpFamily]?: Listing }>(() => ({}));

function endpointOf(
  service: Service,
  pod: Pod,
  { zone, family }: { readonly zone: string | undefined; readonly family: IpFamily },
): Endpoint {
  const { namespace = '', name, uid } = metaOf(pod);
  const serving = isPodReady(pod);
  const terminating = isBeingDeleted(pod);
  // A9; A10: only publishNotReadyAddresses makes a terminating endpoint ready.
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameIn(service, pod);
  const nodeName = pod.spec?.nodeName;
  const endpoint = {
    addresses: addressesOf(pod, family),
    conditions: { ready, serving, terminating },
    ...(hostname && { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName && { nodeName }),
    ...(zone && { zone }),
  };
  const hints = ready ? hintsFor(service, endpoint) : undefined;
  return { ...endpoint, ...(hints && { hints }) };
}

/** A38: with spec.trafficDistribution each ready endpoint is recommended to its own zone, or node. */
function hintsFor(service: Service, { zone, nodeName }: Partial<Endpoint>): Hints | undefined {
  const { trafficDistribution } = (service.spec ?? {}) as { trafficDistribution?: string };
  if (hasTopologyMode(service)) return undefined;
  if (!trafficDistribution || !CLOSE.has(trafficDistribution)) return undefined;
  const prefersNode = trafficDistribution === 'PreferSameNode';
  if (!zone && !(prefersNode && nodeName)) return undefined;
  return {
    ...(zone && { forZones: [{ name: zone }] }),
    ...(prefersNode && nodeName && { forNodes: [{ name: nodeName }] }),
  };
}

/** The annotation wins. Its own hints need two zones with enough nodes; without them it gives none. */
function hasTopologyMode({ metadata }: Service): boolean {
  const { annotations = {} } = metadata ?? {};
  const mode =
    annotations['service.kubernetes.io/topology-mode'] ??
    annotations['service.kubernetes.io/topology-aware-hints'];
  return mode !== undefined && mode.toLowerCase() === 'auto';
}

const CLOSE = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode']);

/** The Service's ports as this Pod serves them; a name it does not know is missing (A8). */
function endpointPortsOf(service: Service, pod: Pod): EndpointPort[] {
  const ports = service.spec?.ports ?? [];
  if (ports.length === 0 && isHeadless(service)) return [];
  return ports.flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [{ name, port, protocol, ...(appProtocol && { appProtocol }) }];
  });
}

/** Equal for slices that list the same ports, in whatever order. */
export function portSetKey(ports: EndpointSlice['ports']): string {
  return (ports ?? [])
    .map(({ name, port, protocol, appProtocol }) =>
      JSON.stringify([name ?? '', protocol ?? 'TCP', port ?? null, appProtocol ?? '']),
    )
    .sort()
    .join();
}

/** Equal for endpoints that stand for the same Pod at the same address; all else about them may change. */
export function endpointKey({ addresses, hostname, targetRef }: Endpoint): string {
  return `${addresses.toSorted().join()}|${hostname ?? ''}|${targetRef?.namespace}/${targetRef?.name}`;
}
