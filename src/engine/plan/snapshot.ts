import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { KubeError, type Kube, type ResourceName } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import { readOwner, type Owner } from './read-owner.ts';

export type { Owner };

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
