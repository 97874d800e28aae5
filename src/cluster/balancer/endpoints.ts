import type { Endpoints } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Protocol } from './service-ports.ts';

/** One place a connection to a Service may go, as a slice (or the Endpoints object) lists it. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** `address:port`, which tells endpoints apart. */
  readonly name: string;
  readonly nodeName?: string;
  /** Name of the Pod behind it, in the namespace of the Service. */
  readonly pod?: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

/** What one object lists, by `protocol:port name`. */
export type ListedEndpoints = ReadonlyMap<string, readonly Endpoint[]>;

export function portKey(protocol: Protocol, portName: string): string {
  return `${protocol}:${portName}`;
}

export function endpointsOfSlice(slice: EndpointSlice): ListedEndpoints {
  const listed = new Map<string, Endpoint[]>();
  if (slice.addressType !== 'IPv4') return listed;
  for (const { name, protocol, port } of slice.ports ?? []) {
    if (!port) continue;
    const endpoints: Endpoint[] = [];
    for (const { addresses, conditions, nodeName, targetRef } of slice.endpoints ?? []) {
      // Consumers take the first address only: the meaning of the others was never defined.
      const address = addresses[0];
      if (address === undefined) continue;
      endpoints.push({
        address,
        port,
        name: `${address}:${port}`,
        ...(nodeName && { nodeName }),
        ...(targetRef?.kind === 'Pod' && targetRef.name && { pod: targetRef.name }),
        ready: conditions?.ready ?? true,
        serving: conditions?.serving ?? true,
        terminating: conditions?.terminating ?? false,
      });
    }
    add(listed, portKey((protocol as Protocol | undefined) ?? 'TCP', name ?? ''), endpoints);
  }
  return listed;
}

/** The same from the Endpoints object, as data planes did before EndpointSlices (Kubernetes ≤ 1.18). */
export function endpointsOfObject(object: Endpoints): ListedEndpoints {
  const listed = new Map<string, Endpoint[]>();
  for (const { addresses = [], ports = [] } of object.subsets ?? []) {
    for (const { name, protocol, port } of ports) {
      const endpoints = addresses.map(({ ip, nodeName, targetRef }) => ({
        address: ip,
        port,
        name: `${ip}:${port}`,
        ...(nodeName && { nodeName }),
        ...(targetRef?.kind === 'Pod' && targetRef.name && { pod: targetRef.name }),
        ready: true,
        serving: true,
        terminating: false,
      }));
      add(listed, portKey((protocol as Protocol | undefined) ?? 'TCP', name ?? ''), endpoints);
    }
  }
  return listed;
}

function add(listed: Map<string, Endpoint[]>, key: string, endpoints: Endpoint[]): void {
  listed.set(key, [...(listed.get(key) ?? []), ...endpoints]);
}

/** The union of what several objects list, each endpoint once. */
export function mergeEndpoints(
  objects: Iterable<ListedEndpoints>,
  key: string,
): readonly Endpoint[] {
  const merged = new Map<string, Endpoint>();
  for (const listed of objects) {
    for (const endpoint of listed.get(key) ?? []) {
      // kubernetes#135593: one address in two slices: a Pod that is leaving must not hide one that has come.
      if (!merged.has(endpoint.name) || !endpoint.terminating) merged.set(endpoint.name, endpoint);
    }
  }
  return [...merged.values()];
}

/**
 * The endpoints that get new connections: the ready ones; without any, those that still serve while
 * they terminate (KEP-1669). With a node, only those on it count, as `trafficPolicy: Local` wants.
 */
export function usableEndpoints(
  endpoints: readonly Endpoint[],
  nodeName?: string,
): readonly Endpoint[] {
  const near =
    nodeName === undefined
      ? endpoints
      : endpoints.filter((endpoint) => endpoint.nodeName === nodeName);
  const ready = near.filter((endpoint) => endpoint.ready);
  return ready.length > 0
    ? ready
    : near.filter(({ serving, terminating }) => serving && terminating);
}
