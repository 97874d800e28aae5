import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { LabelSelector, ObjectMeta } from 'kubernetes-types/meta/v1.js';

/** A workload as claims see it; `knows: false` is of a kind whose selector nobody can read. */
export interface Workload {
  readonly kind:
    | 'ReplicaSet'
    | 'StatefulSet'
    | 'DaemonSet'
    | 'ReplicationController'
    | 'Job'
    | 'CloneSet';
  readonly name: string;
  readonly uid: string;
  readonly selector: LabelSelector;
  readonly isReadable: boolean;
  /** As many as it had when the world began. */
  readonly replicas: number;
  readonly template: Readonly<Record<string, string>>;
}

/** One namespace of a cluster, as far as traffic and claims go. */
export interface World {
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly endpoints: readonly Endpoints[];
}

export const managedBy = 'endpointslice.kubernetes.io/managed-by';
export const serviceName = 'kubernetes.io/service-name';
export const controller = 'endpointslice-controller.k8s.io';
export const mirroring = 'endpointslicemirroring-controller.k8s.io';
export const gateCondition = 'pitstop.dev/in-service';
export const nameLabel = 'statefulset.kubernetes.io/pod-name';
export const revisionLabel = 'controller-revision-hash';

type Labels = Readonly<Record<string, string>>;

export function labelsOf({ metadata }: { readonly metadata?: ObjectMeta }): Labels {
  return metadata?.labels ?? {};
}

export function nameOf({ metadata }: { readonly metadata?: ObjectMeta }): string {
  return metadata?.name ?? '';
}

export function withLabels(pod: Pod, labels: Labels): Pod {
  return { ...pod, metadata: { ...pod.metadata, labels: { ...labels } } };
}

export function ownerOf({ metadata }: Pod) {
  return metadata?.ownerReferences?.find((reference) => reference.controller);
}

/** Written apart from the engine's own, from the API's words. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  const pairs = Object.entries(selector.matchLabels ?? {});
  const rules = selector.matchExpressions ?? [];
  if (pairs.length + rules.length === 0) return false;
  for (const [key, value] of pairs) if (labels[key] !== value) return false;
  for (const { key, operator, values = [] } of rules) {
    const has = Object.hasOwn(labels, key);
    const isIn = has && values.includes(labels[key]!);
    if (operator === 'In' && !isIn) return false;
    if (operator === 'NotIn' && isIn) return false;
    if (operator === 'Exists' && !has) return false;
    if (operator === 'DoesNotExist' && has) return false;
  }
  return true;
}

export function serviceSelects({ spec }: Service, labels: Labels): boolean {
  if (spec?.type === 'ExternalName') return false;
  const pairs = Object.entries(spec?.selector ?? {});
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value);
}

export function hasSelector({ spec }: Service): boolean {
  return spec?.type !== 'ExternalName' && Object.keys(spec?.selector ?? {}).length > 0;
}

/** Whether anything that follows slices may send a new connection to one of these addresses. */
export function isTakeable({ slices }: World, addresses: readonly string[]): boolean {
  return slices.some(({ endpoints }) =>
    (endpoints ?? []).some(
      (entry) =>
        entry.addresses.some((address) => addresses.includes(address)) &&
        ((entry.conditions?.ready ?? true) || entry.conditions?.serving === true),
    ),
  );
}

/** Addresses that a Service sends new connections to, but these. */
export function othersOf({ slices }: World, service: string, but: readonly string[]): number {
  const others = new Set<string>();
  for (const slice of slices) {
    if (labelsOf(slice)[serviceName] !== service) continue;
    for (const { addresses, conditions } of slice.endpoints ?? []) {
      if (!(conditions?.ready ?? true) || conditions?.terminating) continue;
      for (const address of addresses) if (!but.includes(address)) others.add(address);
    }
  }
  return others.size;
}
