import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { OwnerReference } from 'kubernetes-types/meta/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { KubeError, type Kube, type ResourceName } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';

/** The Pod's controller, as far as routes need to know it. */
export type Owner =
  | {
      readonly kind: 'ReplicaSet';
      readonly replicaSet: ReplicaSet;
      /** Present when a Deployment owns the ReplicaSet. */
      readonly deployment?: Deployment;
    }
  | { readonly kind: 'StatefulSet'; readonly statefulSet: StatefulSet }
  | { readonly kind: 'DaemonSet'; readonly daemonSet: DaemonSet }
  | { readonly kind: 'Other'; readonly reference: OwnerReference };

/** All that the plan decides from, read at one moment. */
export interface Snapshot {
  readonly pod: Pod;
  readonly owner: Owner | undefined;
  /** Every Service and every EndpointSlice of the Pod's namespace. */
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  /** Of the namespace; absent when the user may not read them, or the server has no such API. */
  readonly budgets?: readonly PodDisruptionBudget[] | undefined;
  readonly autoscalers?: readonly HorizontalPodAutoscaler[] | undefined;
}

export async function takeSnapshot(
  kube: Kube,
  key: { readonly namespace: string; readonly name: string },
  signal?: AbortSignal,
): Promise<Snapshot> {
  const { namespace } = key;
  const [pod, services, slices, budgets, autoscalers] = await Promise.all([
    kube.get<Pod>({ resource: 'pods', ...key }, { signal }),
    kube.list<Service>('services', { namespace, signal }),
    kube.list<EndpointSlice>('endpointslices', { namespace, signal }),
    listIfAllowed<PodDisruptionBudget>(kube, 'poddisruptionbudgets', namespace, signal),
    listIfAllowed<HorizontalPodAutoscaler>(kube, 'horizontalpodautoscalers', namespace, signal),
  ]);
  if (!pod) {
    throw new PitstopError('pod-not-found', `pod ${namespace}/${key.name} not found`, {
      hint: `kubectl get pods -n ${namespace}`,
    });
  }
  const owner = await readOwner(kube, pod, signal);
  return { pod, owner, services, slices, budgets, autoscalers };
}

/** What only interlocks look at: without it the plan says what it could not check. */
async function listIfAllowed<T>(
  kube: Kube,
  resource: ResourceName,
  namespace: string,
  signal?: AbortSignal,
): Promise<readonly T[] | undefined> {
  try {
    return await kube.list<T>(resource, { namespace, signal });
  } catch (error) {
    const code = error instanceof KubeError ? error.code : undefined;
    if (code === 'forbidden' || code === 'not-found') return undefined;
    throw error;
  }
}

/** Follows the controller reference; an owner that is gone (or another object of that name) is no owner. */
async function readOwner(kube: Kube, pod: Pod, signal?: AbortSignal): Promise<Owner | undefined> {
  const reference = pod.metadata?.ownerReferences?.find(({ controller }) => controller);
  if (!reference) return undefined;
  const namespace = pod.metadata?.namespace;
  const read = async <T extends { metadata?: { uid?: string } }>(
    resource: ResourceName,
    { name, uid }: { readonly name: string; readonly uid: string },
  ): Promise<T | undefined> => {
    const object = await kube.get<T>({ resource, namespace, name }, { signal });
    return object?.metadata?.uid === uid ? object : undefined;
  };
  switch (reference.kind) {
    case 'ReplicaSet': {
      const replicaSet = await read<ReplicaSet>('replicasets', reference);
      if (!replicaSet) return undefined;
      const parent = replicaSet.metadata?.ownerReferences?.find(
        ({ controller, kind }) => controller && kind === 'Deployment',
      );
      const deployment = parent && (await read<Deployment>('deployments', parent));
      return { kind: 'ReplicaSet', replicaSet, ...(deployment && { deployment }) };
    }
    case 'StatefulSet': {
      const statefulSet = await read<StatefulSet>('statefulsets', reference);
      return statefulSet && { kind: 'StatefulSet', statefulSet };
    }
    case 'DaemonSet': {
      const daemonSet = await read<DaemonSet>('daemonsets', reference);
      return daemonSet && { kind: 'DaemonSet', daemonSet };
    }
    default:
      return { kind: 'Other', reference };
  }
}
