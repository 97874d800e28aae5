import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Pod,
} from 'kubernetes-types/core/v1.js';
import { isReady } from '../../plan/is-ready.ts';
import {
  addressesOf,
  familiesOf,
  hostnameOf,
  isHeadless,
  isListed,
  targetPortOf,
  type Desired,
} from './listed-pod.ts';

/** KEP-752: more than these are cut off, the ready ones last. */
const maxAddresses = 1000;

interface Listing {
  readonly key: string;
  readonly address: EndpointAddress;
  readonly ready: boolean;
}

/**
 * What the Endpoints controller would list: one address family, terminating Pods only where the
 * Service publishes unready ones, and a Pod whose named port does not resolve not at all.
 */
export function desiredSubsets(desired: Desired): {
  readonly subsets: readonly EndpointSubset[];
  readonly truncated: boolean;
} {
  const { service } = desired;
  const publishNotReady = service.spec?.publishNotReadyAddresses === true;
  const byPort = new Map<string, { port: EndpointPort | undefined; listings: Listing[] }>();
  const pods = desired.pods.filter((pod) =>
    isListed(pod, desired, { includeTerminating: publishNotReady }),
  );
  for (const pod of pods) {
    const address = addressOf(desired, pod);
    if (!address) continue;
    const listing = {
      key: `${address.ip} ${address.targetRef?.uid}`,
      address,
      ready: publishNotReady || isReady(pod.status?.conditions),
    };
    for (const port of portsOf(desired, pod)) {
      const key = JSON.stringify(port ?? null);
      const known = byPort.get(key) ?? { port, listings: [] };
      byPort.set(key, known);
      known.listings.push(listing);
    }
  }
  return truncate(pack([...byPort.values()]));
}

/** A headless Service without ports lists its Pods without ports. */
function portsOf({ service }: Desired, pod: Pod): readonly (EndpointPort | undefined)[] {
  const ports = service.spec?.ports ?? [];
  if (ports.length === 0) return isHeadless(service) ? [undefined] : [];
  return ports.flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort);
    if (port === undefined) return [];
    const { name, protocol = 'TCP', appProtocol } = servicePort;
    return [{ ...(name && { name }), port, protocol, ...(appProtocol && { appProtocol }) }];
  });
}

function addressOf({ service }: Desired, pod: Pod): EndpointAddress | undefined {
  const [family] = familiesOf(service);
  const [ip] = addressesOf(pod, family);
  if (!ip) return undefined;
  const { namespace = '', name = '', uid = '' } = pod.metadata ?? {};
  const hostname = hostnameOf(service, pod);
  return {
    ip,
    ...(hostname && { hostname }),
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/** RepackSubsets: ports that have the same addresses share a subset. */
function pack(
  byPort: readonly { readonly port: EndpointPort | undefined; readonly listings: Listing[] }[],
): readonly EndpointSubset[] {
  const subsets = new Map<string, { listings: readonly Listing[]; ports: EndpointPort[] }>();
  for (const { port, listings } of byPort) {
    const sorted = listings.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const key = sorted.map(({ key: own, ready }) => `${own} ${ready}`).join();
    const subset = subsets.get(key) ?? { listings: sorted, ports: [] };
    subsets.set(key, subset);
    if (port) subset.ports.push(port);
  }
  return [...subsets.values()].map(({ listings, ports }) =>
    subsetOf(
      listings.filter(({ ready }) => ready).map(({ address }) => address),
      listings.filter(({ ready }) => !ready).map(({ address }) => address),
      ports,
    ),
  );
}

/** Empty lists are left out, as the API server leaves them out. */
function subsetOf(
  addresses: EndpointAddress[],
  notReadyAddresses: EndpointAddress[],
  ports: EndpointPort[],
): EndpointSubset {
  return {
    ...(addresses.length > 0 && { addresses }),
    ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
    ...(ports.length > 0 && { ports }),
  };
}

function truncate(subsets: readonly EndpointSubset[]): ReturnType<typeof desiredSubsets> {
  const count = subsets.reduce(
    (sum, { addresses = [], notReadyAddresses = [] }) =>
      sum + addresses.length + notReadyAddresses.length,
    0,
  );
  if (count <= maxAddresses) return { subsets, truncated: false };
  let room = maxAddresses;
  const take = (addresses: readonly EndpointAddress[] = []): EndpointAddress[] => {
    const taken = addresses.slice(0, room);
    room -= taken.length;
    return taken;
  };
  const ready = subsets.map(({ addresses }) => take(addresses));
  const notReady = subsets.map(({ notReadyAddresses }) => take(notReadyAddresses));
  const kept = subsets
    .map(({ ports = [] }, index) => subsetOf(ready[index] ?? [], notReady[index] ?? [], ports))
    .filter(({ addresses, notReadyAddresses }) => addresses ?? notReadyAddresses);
  return { subsets: kept, truncated: true };
}

/** The same for subsets that list the same, in whatever order. */
export function subsetsKey(subsets: readonly EndpointSubset[] | undefined): string {
  const lines = (subsets ?? []).flatMap(({ addresses = [], notReadyAddresses = [], ports }) =>
    (ports ?? [undefined]).flatMap((port) => [
      ...addresses.map((address) => lineOf(address, true, port)),
      ...notReadyAddresses.map((address) => lineOf(address, false, port)),
    ]),
  );
  return lines.toSorted().join('\n');
}

function lineOf(address: EndpointAddress, ready: boolean, port: EndpointPort | undefined): string {
  const { ip, hostname = '', nodeName = '', targetRef } = address;
  const { name = '', port: number, protocol = 'TCP', appProtocol = '' } = port ?? {};
  const place = [ip, hostname, nodeName, targetRef?.uid ?? '', ready];
  return JSON.stringify([place, name, number ?? 0, protocol, appProtocol]);
}
