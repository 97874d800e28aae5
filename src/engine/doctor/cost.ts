import type { Pod, Service, ServicePort } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { PortCost } from './finding.ts';
import { fateOf, type Fate } from './listed.ts';

const worst: readonly Fate[] = ['fails', 'astray', 'unready', 'outside', 'answers'];

/**
 * What the slices of a Service cost now: per port, how many of the addresses that a data plane spreads
 * new connections over do not answer as they should. Slices count together, one address of a port once
 * (k/k pkg/proxy/endpointslicecache.go); without any ready address those that are serving while they
 * terminate (KEP-1669).
 */
export function costOf(
  service: Service,
  slices: readonly EndpointSlice[],
  pods: readonly Pod[],
): readonly PortCost[] {
  const ports = service.spec?.ports ?? [];
  return (ports.length > 0 ? ports : [undefined]).map((port) => {
    const fates = [...targetsOf(port, slices, pods).values()];
    const count = (fate: Fate) => fates.filter((each) => each === fate).length;
    // Such a Service asks for Pods that are not ready.
    const takesUnready = service.spec?.publishNotReadyAddresses === true;
    return {
      port: port ? `${port.port}${port.name ? ` (${port.name})` : ''}` : 'any',
      addresses: fates.length,
      failing: count('fails'),
      astray: count('astray'),
      unready: takesUnready ? 0 : count('unready'),
    };
  });
}

function targetsOf(
  port: ServicePort | undefined,
  slices: readonly EndpointSlice[],
  pods: readonly Pod[],
): ReadonlyMap<string, Fate> {
  const ready = new Map<string, Fate>();
  const terminating = new Map<string, Fate>();
  for (const slice of slices) {
    const target = (slice.ports ?? []).find(({ name }) => (name ?? '') === (port?.name ?? ''));
    if (port && target?.port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const into = isReady(endpoint) ? ready : isLastResort(endpoint) ? terminating : undefined;
      const fate = fateOf(slice, endpoint, pods);
      for (const address of endpoint.addresses) {
        const key = `${address} ${target?.port ?? ''}`;
        // Two slices may name one address for different Pods: the one that is there counts.
        if (into && worst.indexOf(fate) >= worst.indexOf(into.get(key) ?? 'fails'))
          into.set(key, fate);
      }
    }
  }
  return ready.size > 0 ? ready : terminating;
}

/** API contract: no `ready` counts as true. */
function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false;
}

function isLastResort({ conditions }: Endpoint): boolean {
  return conditions?.serving === true && conditions.terminating === true;
}

/** Of how many requests the costs are told: as many as a person would try. */
const sampleRequests = 60;

/** `34 of 60 requests to port 80 (http) would fail`, for each thing that is wrong with a port. */
export function describeCost(costs: readonly PortCost[]): readonly string[] {
  return costs.flatMap(({ port, addresses, failing, astray, unready }) => {
    if (addresses === 0) return [`all requests to port ${port} fail: no address is listed for it`];
    const share = (count: number, what: string) =>
      count === 0 ? [] : [`${shareOf(count, addresses)} requests to port ${port} would ${what}`];
    return [
      ...share(failing, 'fail'),
      ...share(astray, 'reach a Pod of something else'),
      ...share(unready, 'reach a Pod that is not Ready'),
    ];
  });
}

function shareOf(count: number, addresses: number): string {
  const sample = Math.round((sampleRequests * count) / addresses);
  return sample > 0 ? `${sample} of ${sampleRequests}` : `${count} of ${addresses}`;
}

/** Whether anything is lost at this moment. */
export function costsNow(costs: readonly PortCost[]): boolean {
  return describeCost(costs).length > 0;
}
