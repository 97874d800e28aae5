import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { sliceService } from '../plan/traffic.ts';
import type { NamespaceWorld } from './world.ts';

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const sliceController = 'endpointslice-controller.k8s.io';
const mirroringController = 'endpointslicemirroring-controller.k8s.io';

export function slicesOf(
  { slices }: Pick<NamespaceWorld, 'slices'>,
  { metadata }: Service,
): readonly EndpointSlice[] {
  return slices.filter((slice) => sliceService(slice) === metadata?.name);
}

export function isMadeBySelector({ metadata }: EndpointSlice): boolean {
  return metadata?.labels?.[managedByLabel] === sliceController;
}

export function isMirrored({ metadata }: EndpointSlice): boolean {
  return metadata?.labels?.[managedByLabel] === mirroringController;
}

export function hasSelector({ spec }: Service): boolean {
  return Object.keys(spec?.selector ?? {}).length > 0;
}

/** What becomes of a connection to one listed address. */
export type Fate = 'answers' | 'fails' | 'astray' | 'unready' | 'outside';

/**
 * A listed address held against the Pods that really are there. An address without a Pod is a dead one
 * where a Pod was meant (its targetRef, or a slice that the controllers make), else a host outside.
 */
export function fateOf(slice: EndpointSlice, endpoint: Endpoint, pods: readonly Pod[]): Fate {
  const pod = podOf(endpoint, pods);
  if (pod) return isReady(pod) ? 'answers' : 'unready';
  const holder = pods.find((each) => isRunning(each) && addressesOf(each).has(addressOf(endpoint)));
  const meansPod = endpoint.targetRef?.kind === 'Pod';
  if (holder && meansPod) return 'astray';
  if (holder) return isReady(holder) ? 'answers' : 'unready';
  return meansPod || isMadeBySelector(slice) ? 'fails' : 'outside';
}

/** The running Pod that an entry names by uid (by name where it has none), and that has its address. */
function podOf({ targetRef, addresses }: Endpoint, pods: readonly Pod[]): Pod | undefined {
  if (targetRef?.kind !== 'Pod') return undefined;
  return pods.find(
    (pod) =>
      isRunning(pod) &&
      (targetRef.uid === undefined
        ? pod.metadata?.name === targetRef.name
        : pod.metadata?.uid === targetRef.uid) &&
      addresses.some((address) => addressesOf(pod).has(address)),
  );
}

export function addressOf({ addresses }: Endpoint): string {
  return addresses[0] ?? '';
}

export function addressesOf({ status }: Pod): ReadonlySet<string | undefined> {
  return new Set([status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)]);
}

/** Has an address and processes behind it: neither finished nor yet to start. */
export function isRunning({ status }: Pod): boolean {
  return status?.podIP !== undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed';
}

export function isReady({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.some(
    ({ type, status: value }) => type === 'Ready' && value === 'True',
  );
  return (ready ?? false) && metadata?.deletionTimestamp === undefined;
}

export function nameOf({ metadata }: { readonly metadata?: { readonly name?: string } }): string {
  return metadata?.name ?? '';
}
