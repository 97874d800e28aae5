import type { Endpoints } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';

/** Where a connection to a Service may go. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

interface Candidate extends Endpoint {
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

/**
 * The endpoints that get the new connections of one Service port: the union of the slices, whoever
 * manages them. The ready ones; without any, those that still serve while they terminate (KEP-1669).
 */
export function endpointsOfSlices(
  slices: readonly EndpointSlice[],
  portName: string,
): readonly Endpoint[] {
  const candidates = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    for (const port of slice.ports ?? []) {
      if ((port.name ?? '') !== portName || (port.protocol ?? 'TCP') !== 'TCP' || !port.port)
        continue;
      for (const { addresses, conditions } of slice.endpoints ?? []) {
        // Consumers take the first address only: the meaning of the others was never defined.
        const address = addresses[0];
        if (address === undefined) continue;
        const candidate = {
          address,
          port: port.port,
          ready: conditions?.ready ?? true,
          serving: conditions?.serving ?? true,
          terminating: conditions?.terminating ?? false,
        };
        // One address in two slices: a Pod that is leaving must not hide one that has come.
        const key = `${address}:${port.port}`;
        if (!candidates.has(key) || !candidate.terminating) candidates.set(key, candidate);
      }
    }
  }
  const all = [...candidates.values()];
  const ready = all.filter((candidate) => candidate.ready);
  return ready.length > 0
    ? ready
    : all.filter((candidate) => candidate.serving && candidate.terminating);
}

/** The same from the Endpoints object, as data planes did before EndpointSlices (Kubernetes ≤ 1.18). */
export function endpointsOfEndpoints(
  endpoints: Endpoints | undefined,
  portName: string,
): readonly Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const subset of endpoints?.subsets ?? []) {
    for (const port of subset.ports ?? []) {
      if ((port.name ?? '') !== portName || (port.protocol ?? 'TCP') !== 'TCP') continue;
      for (const { ip } of subset.addresses ?? []) {
        found.set(`${ip}:${port.port}`, { address: ip, port: port.port });
      }
    }
  }
  return [...found.values()];
}
