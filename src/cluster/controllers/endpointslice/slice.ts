import type { Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointPort, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { controllerReference, metaOf } from '../object-meta.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { type IpFamily, isHeadless } from '../service-pods.ts';
import { LAST_CHANGE_TRIGGER_TIME } from '../trigger-time.ts';

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const HEADLESS = 'service.kubernetes.io/headless';
export const CONTROLLER_NAME = 'endpointslice-controller.k8s.io';

/** Never copied from the Service: the controller says these itself. */
const RESERVED_LABELS = new Set([SERVICE_NAME, MANAGED_BY, HEADLESS]);

export interface SliceContent {
  readonly addressType: IpFamily;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export function newSlice(
  service: Service,
  { addressType, ports, endpoints }: SliceContent,
): EndpointSlice {
  const { namespace, name } = metaOf(service);
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      ...(namespace && { namespace }),
      labels: sliceLabels(service),
      ownerReferences: [controllerReference(service)],
    },
    addressType,
    endpoints: [...endpoints],
    ports: [...ports],
  };
}

/** The existing slice with other endpoints; foreign labels go, foreign annotations stay. */
export function withEndpoints(
  slice: EndpointSlice,
  service: Service,
  endpoints: readonly Endpoint[],
): EndpointSlice {
  return {
    ...slice,
    metadata: { ...slice.metadata, labels: sliceLabels(service) },
    endpoints: [...endpoints],
  };
}

export function hasSliceLabels(slice: EndpointSlice, service: Service): boolean {
  return isSemanticallyEqual(slice.metadata?.labels, sliceLabels(service));
}

/** By uid: a slice of a namesake that was deleted is not ours (A30). */
export function isOwnedBy(slice: EndpointSlice, service: Service): boolean {
  const { uid } = metaOf(service);
  return (slice.metadata?.ownerReferences ?? []).some((owner) => owner.uid === uid);
}

/** Stands for "no endpoints": its only content are labels and owner (A29). */
export function isPlaceholder(slice: EndpointSlice, service: Service): boolean {
  const { [LAST_CHANGE_TRIGGER_TIME]: _, ...annotations } = slice.metadata?.annotations ?? {};
  return (
    (slice.endpoints ?? []).length === 0 &&
    (slice.ports ?? []).length === 0 &&
    Object.keys(annotations).length === 0 &&
    isOwnedBy(slice, service) &&
    hasSliceLabels(slice, service)
  );
}

function sliceLabels(service: Service): Record<string, string> {
  const inherited = Object.entries(service.metadata?.labels ?? {}).filter(
    ([key]) => !RESERVED_LABELS.has(key),
  );
  return {
    ...Object.fromEntries(inherited),
    [MANAGED_BY]: CONTROLLER_NAME,
    [SERVICE_NAME]: metaOf(service).name,
    ...(isHeadless(service) && { [HEADLESS]: '' }),
  };
}
