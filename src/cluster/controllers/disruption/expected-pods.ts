import type { Pod } from 'kubernetes-types/core/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import type { OwnerReference } from 'kubernetes-types/meta/v1.js';
import type { Api, KubeObject } from '../../api.ts';
import { controllerOf, metaOf } from '../object-meta.ts';
import { scaledValue } from '../scaled-value.ts';

export interface Expectation {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
  /** Pods without a controller: they cannot be counted on (C23). */
  readonly unmanaged: readonly Pod[];
}

/**
 * How many Pods there should be and how many of them healthy. Percentages and maxUnavailable are
 * counted from the controllers' sizes, a whole minAvailable from the Pods themselves. Throws when a
 * Pod's controller cannot be found.
 */
export function expectedPods(
  api: Api,
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
): Expectation {
  const { maxUnavailable, minAvailable = 0 } = budget.spec ?? {};
  if (maxUnavailable !== undefined) {
    const { total, unmanaged } = scaleOf(api, pods);
    const allowed = scaledValue(maxUnavailable, total, Math.ceil);
    return { expectedPods: total, desiredHealthy: Math.max(0, total - allowed), unmanaged };
  }
  if (typeof minAvailable === 'number') {
    return { expectedPods: pods.length, desiredHealthy: minAvailable, unmanaged: [] };
  }
  const { total, unmanaged } = scaleOf(api, pods);
  const desiredHealthy = scaledValue(minAvailable, total, Math.ceil);
  return { expectedPods: total, desiredHealthy, unmanaged };
}

function scaleOf(api: Api, pods: readonly Pod[]): { total: number; unmanaged: readonly Pod[] } {
  const unmanaged = pods.filter((pod) => !controllerOf(pod));
  const sizes = new Map<string, number>();
  const seen = new Set<string>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (!owner || seen.has(owner.uid)) continue;
    seen.add(owner.uid);
    const workload = workloadOf(api, metaOf(pod).namespace ?? '', owner);
    if (!workload) throw new Error(`found no controllers for pod "${metaOf(pod).name}"`);
    sizes.set(metaOf(workload).uid, workload.spec?.replicas ?? 1);
  }
  return { total: [...sizes.values()].reduce((sum, size) => sum + size, 0), unmanaged };
}

type Workload = KubeObject & { readonly spec?: { readonly replicas?: number } };

const RESOURCES: Readonly<Record<string, string>> = {
  ReplicaSet: 'replicasets',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  ReplicationController: 'replicationcontrollers',
};

/** The object that says how many Pods there should be: a ReplicaSet's Deployment, if it has one. */
function workloadOf(api: Api, namespace: string, owner: OwnerReference): Workload | undefined {
  const resource = RESOURCES[owner.kind];
  const workload = resource && api.get<Workload>(resource, { namespace, name: owner.name });
  if (!workload || workload.metadata?.uid !== owner.uid) return undefined;
  const above = controllerOf(workload);
  return above?.kind === 'Deployment' ? workloadOf(api, namespace, above) : workload;
}
