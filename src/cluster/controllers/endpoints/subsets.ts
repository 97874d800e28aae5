import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Pod,
  Service,
} from 'kubernetes-types/core/v1.js';
import { metaOf } from '../object-meta.ts';
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

interface Listed {
  readonly address: EndpointAddress;
  readonly isReady: boolean;
}

/** What the Endpoints of a Service list, packed: ports with the same addresses share a subset (A16). */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const publishNotReady = service.spec?.publishNotReadyAddresses ?? false;
  const ports = new Map<string, EndpointPort | undefined>();
  const byPort = new Map<string, Map<string, Listed>>();
  for (const pod of pods) {
    if (!belongsInEndpoints(pod, { includeTerminating: publishNotReady })) continue;
    const address = addressOf(service, pod);
    if (!address) continue;
    const isReady = publishNotReady || isPodReady(pod);
    for (const [portKey, port] of portsOf(service, pod)) {
      ports.set(portKey, port);
      const listed = byPort.get(portKey) ?? new Map<string, Listed>();
      byPort.set(portKey, listed);
      const key = `${address.ip}\0${address.targetRef?.uid}`;
      // The same address ready and not ready: not ready wins.
      listed.set(key, { address, isReady: isReady && (listed.get(key)?.isReady ?? true) });
    }
  }
  return pack(ports, byPort);
}

function pack(
  ports: ReadonlyMap<string, EndpointPort | undefined>,
  byPort: ReadonlyMap<string, ReadonlyMap<string, Listed>>,
): EndpointSubset[] {
  const groups = new Map<string, { listed: ReadonlyMap<string, Listed>; ports: EndpointPort[] }>();
  for (const portKey of [...byPort.keys()].sort()) {
    const listed = byPort.get(portKey) ?? new Map<string, Listed>();
    const sameness = [...listed].map(([key, { isReady }]) => `${key}\0${isReady}`).join('\n');
    const group = groups.get(sameness) ?? { listed, ports: [] };
    groups.set(sameness, group);
    const port = ports.get(portKey);
    if (port) group.ports.push(port);
  }
  return [...groups.values()].map(({ listed, ports: shared }) => {
    const all = [...listed.values()].sort(byIpThenUid);
    const ready = all.filter(({ isReady }) => isReady).map(({ address }) => address);
    const notReady = all.filter(({ isReady }) => !isReady).map(({ address }) => address);
    return {
      ...(ready.length > 0 && { addresses: ready }),
      ...(notReady.length > 0 && { notReadyAddresses: notReady }),
      ...(shared.length > 0 && { ports: shared }),
    };
  });
}

function byIpThenUid({ address: a }: Listed, { address: b }: Listed): number {
  if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1;
  return (a.targetRef?.uid ?? '') < (b.targetRef?.uid ?? '') ? -1 : 1;
}

/** A8: a port that does not resolve in this Pod is left out for this Pod. */
function portsOf(
  service: Service,
  pod: Pod,
): readonly (readonly [key: string, port: EndpointPort | undefined])[] {
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
