import type { KubeObject, Kube, ResourceName } from '../../src/kube/index.ts';

const triggerTime = 'endpoints.kubernetes.io/last-change-trigger-time';
const kinds: readonly ResourceName[] = [
  'pods',
  'services',
  'endpoints',
  'endpointslices',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'replicationcontrollers',
  'configmaps',
];

/**
 * Every object of a namespace as it reads, by `resource/name`, without what Kubernetes' own
 * controllers count or date on each write: managedFields, resourceVersion, a slice's generation, the
 * trigger time of endpoints, and the order and times of conditions (a Pod that dumps is unready).
 */
export async function readWorld(kube: Kube, namespace: string): Promise<Record<string, unknown>> {
  const world: Record<string, unknown> = {};
  for (const resource of kinds) {
    for (const object of await kube.list<KubeObject>(resource, { namespace })) {
      world[`${resource}/${object.metadata?.name}`] = stripped(resource, object);
    }
  }
  return world;
}

function stripped(resource: ResourceName, object: KubeObject): unknown {
  return JSON.parse(JSON.stringify(object), (key, value) => {
    if (key === 'managedFields' || key === 'resourceVersion') return undefined;
    if (resource === 'endpointslices' && key === 'generation') return undefined;
    if (key === 'annotations') {
      const { [triggerTime]: _, ...rest } = value as Record<string, string>;
      return Object.keys(rest).length > 0 ? rest : undefined;
    }
    if (key === 'lastTransitionTime' || key === 'lastUpdateTime') return undefined;
    if (
      Array.isArray(value) &&
      (key === 'conditions' || key === 'endpoints' || key === 'addresses')
    ) {
      return value.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
    }
    return value as unknown;
  });
}
