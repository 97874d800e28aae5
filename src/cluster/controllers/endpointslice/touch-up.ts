import type { Node, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { endpointKey, listingOf, portSetKey } from './endpoint.ts';
import { familiesOf } from './plan.ts';
import { hasSliceLabels, isOwnedBy, withEndpoints } from './slice.ts';

export interface TouchUpInput {
  readonly service: Service;
  /** By name what has become of each Pod that changed; `undefined` when the Service lists it no more. */
  readonly changed: ReadonlyMap<string, Pod | undefined>;
  /** The slice that lists the Pod of this name, if any does. */
  readonly sliceOf: (podName: string) => EndpointSlice | undefined;
  readonly nodeOf: (pod: Pod) => Node | undefined;
}

/**
 * Only the slices that list the Pods that changed, brought up to date: what a change of readiness
 * needs in a Service of thousands. `undefined` when slices have to be planned anew: an endpoint has to
 * find its place, or a slice would be empty.
 */
export function touchUp(input: TouchUpInput): EndpointSlice[] | undefined {
  const { service, changed, sliceOf } = input;
  if (familiesOf(service).length !== 1) return undefined;
  const touched = new Map<string, EndpointSlice>();
  for (const [name, pod] of changed) {
    const slice = sliceOf(name);
    const next = slice && (touched.get(nameOf(slice)) ?? slice);
    const updated = replaced(next, pod, name, input);
    if (updated === undefined) return undefined;
    if (updated !== next && updated !== 'unlisted') touched.set(nameOf(updated), updated);
  }
  return [...touched.values()];
}

function replaced(
  slice: EndpointSlice | undefined,
  pod: Pod | undefined,
  name: string,
  { service, nodeOf }: TouchUpInput,
): EndpointSlice | 'unlisted' | undefined {
  const [family = 'IPv4'] = familiesOf(service);
  const node = pod && nodeOf(pod);
  const listing = pod && listingOf(service, pod, { node, family });
  if (!listing?.isListed) return slice ? without(slice, name, service) : 'unlisted';
  if (!slice || !node) return undefined;
  if (!isOwnedBy(slice, service) || !hasSliceLabels(slice, service)) return undefined;
  if (portSetKey(slice.ports) !== listing.portsKey) return undefined;
  const index = indexOf(slice, name);
  const stored = slice.endpoints[index];
  if (!stored || endpointKey(stored) !== listing.key) return undefined;
  if (isSemanticallyEqual(stored, listing.endpoint)) return slice;
  return withEndpoints(slice, service, slice.endpoints.with(index, listing.endpoint));
}

function without(slice: EndpointSlice, name: string, service: Service): EndpointSlice | undefined {
  if (!isOwnedBy(slice, service) || !hasSliceLabels(slice, service)) return undefined;
  const index = indexOf(slice, name);
  if (index < 0) return slice;
  if (slice.endpoints.length === 1) return undefined;
  return withEndpoints(slice, service, slice.endpoints.toSpliced(index, 1));
}

function indexOf({ endpoints }: EndpointSlice, podName: string): number {
  return endpoints.findIndex((endpoint) => podNameOf(endpoint) === podName);
}

export function podNameOf({ targetRef }: Endpoint): string {
  return targetRef?.name ?? '';
}

function nameOf({ metadata }: EndpointSlice): string {
  return metadata?.name ?? '';
}
