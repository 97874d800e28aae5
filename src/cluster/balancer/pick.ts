import type { Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint } from './endpoints.ts';

/** Chooses the endpoint of a new connection, or none. */
export interface Picker {
  pick(request: PickRequest): Endpoint | undefined;
}

interface PickRequest {
  readonly service: Service;
  readonly portName: string;
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
    const key = `${request.service.metadata?.uid}:${request.portName}:${request.clientAddress}`;
    const known = affinities.get(key);
    const endpoint =
      (known && known.until > now()
        ? request.endpoints.find((candidate) => nameOf(candidate) === known.endpoint)
        : undefined) ?? anyOf(request.endpoints);
    affinities.delete(key);
    if (endpoint) affinities.set(key, { endpoint: nameOf(endpoint), until: now() + timeoutMs });
    forgetOldest(affinities);
    return endpoint;
  }

  function anyOf(endpoints: readonly Endpoint[]): Endpoint | undefined {
    return endpoints[Math.floor(random() * endpoints.length)];
  }

  return {
    pick(request) {
      const { sessionAffinity, sessionAffinityConfig } = request.service.spec ?? {};
      if (sessionAffinity !== 'ClientIP') return anyOf(request.endpoints);
      return sticky(request, (sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) * 1000);
    },
  };
}

export function nameOf(endpoint: Endpoint): string {
  return `${endpoint.address}:${endpoint.port}`;
}

// A Map keeps the order of insertion, and every use inserts anew: the first is the least recent.
function forgetOldest(affinities: Map<string, unknown>): void {
  if (affinities.size <= 10_000) return;
  for (const key of affinities.keys()) {
    affinities.delete(key);
    return;
  }
}
