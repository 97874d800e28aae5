import { KubeError } from './errors.ts';
import type { ObjectReference, ResourceName } from './types.ts';

interface ResourceKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Creating one asks the server something, and nothing is kept. */
  readonly isQuestion?: true;
}

const kinds: Readonly<Record<ResourceName, ResourceKind>> = {
  pods: namespaced('', 'v1', 'Pod'),
  services: namespaced('', 'v1', 'Service'),
  endpoints: namespaced('', 'v1', 'Endpoints'),
  endpointslices: namespaced('discovery.k8s.io', 'v1', 'EndpointSlice'),
  namespaces: { ...namespaced('', 'v1', 'Namespace'), namespaced: false },
  nodes: { ...namespaced('', 'v1', 'Node'), namespaced: false },
  deployments: namespaced('apps', 'v1', 'Deployment'),
  replicasets: namespaced('apps', 'v1', 'ReplicaSet'),
  statefulsets: namespaced('apps', 'v1', 'StatefulSet'),
  daemonsets: namespaced('apps', 'v1', 'DaemonSet'),
  replicationcontrollers: namespaced('', 'v1', 'ReplicationController'),
  jobs: namespaced('batch', 'v1', 'Job'),
  networkpolicies: namespaced('networking.k8s.io', 'v1', 'NetworkPolicy'),
  poddisruptionbudgets: namespaced('policy', 'v1', 'PodDisruptionBudget'),
  horizontalpodautoscalers: namespaced('autoscaling', 'v2', 'HorizontalPodAutoscaler'),
  events: namespaced('events.k8s.io', 'v1', 'Event'),
  configmaps: namespaced('', 'v1', 'ConfigMap'),
  selfsubjectaccessreviews: {
    ...namespaced('authorization.k8s.io', 'v1', 'SelfSubjectAccessReview'),
    namespaced: false,
    isQuestion: true,
  },
  selfsubjectreviews: {
    ...namespaced('authentication.k8s.io', 'v1', 'SelfSubjectReview'),
    namespaced: false,
    isQuestion: true,
  },
};

function namespaced(group: string, version: string, kind: string): ResourceKind {
  return { group, version, kind, namespaced: true };
}

/** Path of a collection; no namespace = all namespaces. */
export function collectionPath(resource: ResourceName, namespace?: string): string {
  const { group, version, namespaced: hasNamespace } = kinds[resource];
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = hasNamespace && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${base}${scope}/${resource}`;
}

export function objectPath(reference: ObjectReference): string {
  const { resource, namespace, name } = reference;
  if (kinds[resource].namespaced && !namespace) {
    throw new KubeError('invalid', `${resource} "${name}" needs a namespace`);
  }
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

/** apiVersion and kind, which the items of a list come without. */
export function typeOf(resource: ResourceName): { apiVersion: string; kind: string } {
  const { group, version, kind } = kinds[resource];
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind };
}

export function isQuestion(resource: ResourceName): boolean {
  return kinds[resource].isQuestion ?? false;
}

export function hasNamespace(resource: ResourceName): boolean {
  return kinds[resource].namespaced;
}
