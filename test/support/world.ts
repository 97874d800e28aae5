import type { KubeObject, Kube, ResourceName } from '../../src/kube/index.ts';

const kinds: readonly ResourceName[] = [
  'pods',
  'services',
  'endpoints',
  'endpointslices',
  'deployments',
  'replicasets',
  'configmaps',
];

/**
 * Every object of a namespace as it reads, by `resource/name`, without what every write changes:
 * managedFields, resourceVersion, and the time of the last change of an endpoint.
 */
export async function readWorld(kube: Kube, namespace: string): Promise<Record<string, unknown>> {
  const world: Record<string, unknown> = {};
  for (const resource of kinds) {
    for (const object of await kube.list<KubeObject & { status?: unknown }>(resource, {
      namespace,
    })) {
      world[`${resource}/${object.metadata?.name}`] = stripped(object);
    }
  }
  return world;
}

function stripped(object: KubeObject): unknown {
  return JSON.parse(
    JSON.stringify(object, (key, value: unknown) => {
      if (key === 'managedFields' || key === 'resourceVersion') return undefined;
      if (key === 'endpoints.kubernetes.io/last-change-trigger-time') return undefined;
      return value;
    }),
  );
}
