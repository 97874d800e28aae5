import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { effectiveSelector } from '../session/service-record.ts';
import { matchesMap, type Labels } from './labels.ts';
import { addressesOf, normalAddress } from './pod-addresses.ts';
import type { Snapshot } from './snapshot.ts';

const serviceNameLabel = 'kubernetes.io/service-name';

/** One Service whose traffic reaches the Pod, and by which slices. */
export interface Reach {
  readonly service: Service;
  /** Its own, or the one that sessions of route `selector` hold for it; empty without one. */
  readonly selector: Labels;
  /** The selector picks the Pod: relabelling can end it. */
  readonly bySelector: boolean;
  /** Slices that list the Pod now. */
  readonly slices: readonly EndpointSlice[];
}

export function sliceService(slice: EndpointSlice): string {
  return slice.metadata?.labels?.[serviceNameLabel] ?? '';
}

/** Every Service whose traffic reaches the Pod: by selector, or by a slice that lists it, whoever manages it. */
export function reachOf({ pod, services, slices }: Snapshot): readonly Reach[] {
  const listing = slices.filter((slice) => endpointsOf(slice, pod).length > 0);
  return services
    .map((service) => {
      const selector = selectorOf(service);
      return {
        service,
        selector,
        bySelector: matchesMap(selector, pod.metadata?.labels ?? {}),
        slices: listing.filter((slice) => sliceService(slice) === service.metadata?.name),
      };
    })
    .filter(({ bySelector, slices }) => bySelector || slices.length > 0);
}

/** What picks a Service's Pods; an ExternalName has none, whatever its selector says. */
export function selectorOf(service: Service): Labels {
  return (service.spec?.type !== 'ExternalName' && effectiveSelector(service)) || {};
}

/**
 * The entries of a slice that stand for the Pod: by its uid, or by one of its addresses, also where
 * they name another Pod that had the address before. Pods on a Node's own network share its address.
 */
export function endpointsOf(slice: EndpointSlice, pod: Pod): readonly Endpoint[] {
  const own = addressesOf(pod);
  const { hostNetwork } = pod.spec ?? {};
  return (slice.endpoints ?? []).filter(({ targetRef, addresses }) => {
    if (targetRef?.uid !== undefined) {
      if (targetRef.uid === pod.metadata?.uid) return true;
      if (hostNetwork) return false;
    }
    return addresses.some((address) => own.has(normalAddress(address)));
  });
}

/** Whether a data plane may send new connections there (KEP-1669: nil ready counts as true). */
export function takesTraffic({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false || conditions.serving === true;
}

/** What "listed, ready" means for coming back: ready or nil, and not terminating. */
export function isListedReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false && conditions?.terminating !== true;
}
