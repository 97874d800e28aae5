import type { Endpoint } from './endpoints.ts';
import type { ServicePort } from './service-ports.ts';

/** Chooses the endpoint of a new connection, or none. */
export interface Picker {
  pick(request: PickRequest): Endpoint | undefined;
}

interface PickRequest {
  readonly port: Pick<ServicePort, 'uid' | 'protocol' | 'portName' | 'affinityTimeoutMs'>;
  readonly clientAddress: string;
  readonly endpoints: readonly Endpoint[];
}

/**
 * Random, as kube-proxy's rules are; with `sessionAffinity: ClientIP` a client address stays with its
 * endpoint while that is a candidate and the client comes back within the timeout (3 h by default).
 */
export function createPicker(
  options: { readonly random?: () => number; readonly now?: () => number } = {},
): Picker {
  const { random = Math.random, now = Date.now } = options;
  const affinities = new Map<string, { readonly endpoint: string; readonly until: number }>();

  function sticky(request: PickRequest, timeoutMs: number): Endpoint | undefined {
    const { port, clientAddress, endpoints } = request;
    const key = `${port.uid}:${port.protocol}:${port.portName}:${clientAddress}`;
    const known = affinities.get(key);
    const endpoint =
      (known && known.until > now()
        ? endpoints.find((candidate) => candidate.name === known.endpoint)
        : undefined) ?? anyOf(endpoints);
    affinities.delete(key);
    if (endpoint) affinities.set(key, { endpoint: endpoint.name, until: now() + timeoutMs });
    forgetOldest(affinities);
    return endpoint;
  }

  function anyOf(endpoints: readonly Endpoint[]): Endpoint | undefined {
    return endpoints[Math.floor(random() * endpoints.length)];
  }

  return {
    pick(request) {
      const { affinityTimeoutMs } = request.port;
      return affinityTimeoutMs === undefined
        ? anyOf(request.endpoints)
        : sticky(request, affinityTimeoutMs);
    },
  };
}

// A Map keeps the order of insertion, and every use inserts anew: the first is the least recent.
function forgetOldest(affinities: Map<string, unknown>): void {
  if (affinities.size <= 10_000) return;
  for (const key of affinities.keys()) {
    affinities.delete(key);
    return;
  }
}
