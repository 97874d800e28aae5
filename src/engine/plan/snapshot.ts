import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { KubeError, type Kube, type ResourceName } from '../../kube/index.ts';
import { listClaimants, type Claimant } from './claimants.ts';
import { listElsewhere } from './elsewhere.ts';
import { notFound } from './not-found.ts';
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
  readonly networkPolicies?: readonly NetworkPolicy[] | undefined;
  /** Read only where a Service has no selector: with one its controller follows the Pod. */
  readonly endpoints?: readonly Endpoints[] | undefined;
  /** Slices of other namespaces that list the Pod; absent when the user may not list those. */
  readonly elsewhere?: readonly EndpointSlice[] | undefined;
  /** Workloads of the namespace that would adopt a Pod that nobody owns; as far as they may be read. */
  readonly claimants?: readonly Claimant[];
  /** What would have been looked at, too, and may not be. */
  readonly unread?: readonly ResourceName[];
}

export async function takeSnapshot(
  kube: Kube,
  key: { readonly namespace: string; readonly name: string },
  signal?: AbortSignal,
): Promise<Snapshot> {
  const { namespace } = key;
  const unread: ResourceName[] = [];
  const look = async <T>(resource: ResourceName) => {
    const found = await listIfAllowed<T>(kube, resource, namespace, signal);
    if (!found) unread.push(resource);
    return found;
  };
  const [pod, services, slices, budgets, autoscalers, networkPolicies, claimants] =
    await Promise.all([
      kube.get<Pod>({ resource: 'pods', ...key }, { signal }),
      kube.list<Service>('services', { namespace, signal }),
      kube.list<EndpointSlice>('endpointslices', { namespace, signal }),
      listIfAllowed<PodDisruptionBudget>(kube, 'poddisruptionbudgets', namespace, signal),
      listIfAllowed<HorizontalPodAutoscaler>(kube, 'horizontalpodautoscalers', namespace, signal),
      look<NetworkPolicy>('networkpolicies'),
      listClaimants(look),
    ]);
  if (!pod) {
    const hint = `kubectl get pods -n ${namespace}`;
    throw await notFound(kube, { kind: 'pod', name: key.name, namespace, hint, signal });
  }
  const [owner, endpoints, elsewhere] = await Promise.all([
    readOwner(kube, pod, signal),
    services.some(isWithoutSelector) ? look<Endpoints>('endpoints') : [],
    listElsewhere(kube, pod, signal),
  ]);
  const listed = { services, slices, endpoints, budgets, autoscalers, networkPolicies, claimants };
  return { pod, owner, ...listed, elsewhere, unread };
}

function isWithoutSelector({ spec }: Service): boolean {
  return spec?.type !== 'ExternalName' && Object.keys(spec?.selector ?? {}).length === 0;
}

/** What the plan can do without: it says what it could not check. */
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
