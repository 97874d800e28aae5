import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Pod,
  Service,
} from 'kubernetes-types/core/v1.js';
import { metaOf } from '../object-meta.ts';
import { oncePerPair } from '../once-per-pair.ts';
import { isPodReady } from '../pod-status.ts';
import {
  addressesOf,
  belongsInEndpoints,
  familyOf,
  hostnameIn,
  type IpFamily,
  isHeadless,
  targetPortOf,
} from '../service-pods.ts';

/** Stands for "this address, no port": a headless Service needs none. */
const NO_PORT = '';

/** A Pod as one Service's Endpoints list it. */
interface Listing {
  /** Sorts by ip, then by uid. */
  readonly key: string;
  readonly address: EndpointAddress;
  readonly isReady: boolean;
  readonly ports: readonly (readonly [key: string, port: EndpointPort | undefined])[];
}

/** What the Endpoints of a Service list, packed: ports with the same addresses share a subset (A16). */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const ports = new Map<string, EndpointPort | undefined>();
  const byPort = new Map<string, Map<string, Listing>>();
  for (const pod of pods) {
    const listing = listingOf(service, pod);
    for (const [portKey, port] of listing.ports) {
      let listings = byPort.get(portKey);
      if (!listings) {
        listings = new Map();
        byPort.set(portKey, listings);
        ports.set(portKey, port);
      }
      // The same address ready and not ready: not ready wins.
      if (listing.isReady && listings.get(listing.key)?.isReady === false) continue;
      listings.set(listing.key, listing);
    }
  }
  return pack(ports, byPort);
}

function pack(
  ports: ReadonlyMap<string, EndpointPort | undefined>,
  byPort: ReadonlyMap<string, ReadonlyMap<string, Listing>>,
): EndpointSubset[] {
  const groups = new Map<string, { sorted: Listing[]; ports: EndpointPort[] }>();
  for (const portKey of [...byPort.keys()].sort()) {
    const listings = byPort.get(portKey) ?? new Map<string, Listing>();
    const keys = [...listings.keys()].sort();
    const sorted = keys.flatMap((key) => listings.get(key) ?? []);
    const sameness =
      byPort.size === 1 ? '' : sorted.map(({ key, isReady }) => `${key}${isReady}`).join();
    const group = groups.get(sameness) ?? { sorted, ports: [] };
    groups.set(sameness, group);
    const port = ports.get(portKey);
    if (port) group.ports.push(port);
  }
  return [...groups.values()].map(({ sorted, ports: shared }) => {
    const ready = sorted.filter(({ isReady }) => isReady).map(({ address }) => address);
    const notReady = sorted.filter(({ isReady }) => !isReady).map(({ address }) => address);
    return {
      ...(ready.length > 0 && { addresses: ready }),
      ...(notReady.length > 0 && { notReadyAddresses: notReady }),
      ...(shared.length > 0 && { ports: shared }),
    };
  });
}

/** Without ports, hence listed nowhere. */
const UNLISTED: Listing = { key: '', address: { ip: '' }, isReady: false, ports: [] };

const listingOf = oncePerPair((service: Service, pod: Pod): Listing => {
  const publishNotReady = service.spec?.publishNotReadyAddresses ?? false;
  if (!belongsInEndpoints(pod, { includeTerminating: publishNotReady })) return UNLISTED;
  const address = addressOf(service, pod);
  if (!address) return UNLISTED;
  return {
    key: `${address.ip}\0${address.targetRef?.uid}`,
    address,
    isReady: publishNotReady || isPodReady(pod),
    ports: portsOf(service, pod),
  };
});

/** A8: a port that does not resolve in this Pod is left out for this Pod. */
function portsOf(service: Service, pod: Pod): Listing['ports'] {
  const servicePorts = service.spec?.ports ?? [];
  if (servicePorts.length === 0) return isHeadless(service) ? [[NO_PORT, undefined]] : [];
  return servicePorts.flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort);
    if (port === undefined) return [];
    const { name, protocol = 'TCP', appProtocol } = servicePort;
    const endpointPort = {
      ...(name && { name }),
      port,
      protocol,
      ...(appProtocol && { appProtocol }),
    };
    return [[JSON.stringify([name, protocol, port, appProtocol]), endpointPort] as const];
  });
}

/** A13: Endpoints know one address family, the Service's first. */
function addressOf(service: Service, pod: Pod): EndpointAddress | undefined {
  const [ip] = addressesOf(pod, primaryFamily(service));
  if (!ip) return undefined;
  const { namespace = '', name, uid } = metaOf(pod);
  const hostname = hostnameIn(service, pod);
  return {
    ip,
    ...(hostname && { hostname }),
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function primaryFamily({ spec }: Service): IpFamily {
  const [family] = spec?.ipFamilies ?? [];
  if (family === 'IPv4' || family === 'IPv6') return family;
  return spec?.clusterIP && spec.clusterIP !== 'None' ? familyOf(spec.clusterIP) : 'IPv4';
}
