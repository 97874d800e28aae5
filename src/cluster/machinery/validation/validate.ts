import type { FieldError } from '../field-error.ts';
import { apiVersionOf, type GroupVersionKind } from '../group-version-kind.ts';
import { isObject } from '../json-value.ts';
import {
  validateEvent,
  validateGroupEvent,
  validateLease,
  validateNamespace,
  validateNode,
  validateNodeUpdate,
  validatePodDisruptionBudget,
} from './cluster.ts';
import {
  validateConfigMap,
  validateConfigMapUpdate,
  validateSecret,
  validateSecretUpdate,
} from './configuration.ts';
import { validateMetadata, validateMetadataUpdate } from './metadata.ts';
import { labelName, pathSegmentName, subdomainName } from './names.ts';
import {
  validateEndpoints,
  validateEndpointSlice,
  validateEndpointSliceUpdate,
  validateService,
  validateServiceUpdate,
} from './networking.ts';
import { validatePod } from './pod.ts';
import { validateEphemeralContainersUpdate, validatePodUpdate } from './pod-update.ts';
import {
  validateDaemonSet,
  validateDeployment,
  validateJob,
  validateReplicaSet,
  validateReplicationController,
  validateSelectorUpdate,
  validateStatefulSet,
  validateStatefulSetUpdate,
} from './workloads.ts';

export interface ValidationRules {
  /** Only where Pods have 127.x addresses, because the machine allows no namespaces. */
  readonly allowLoopbackEndpoints?: boolean;
}

type Create = (object: never, rules: ValidationRules) => FieldError[];
type Update = (next: never, previous: never) => FieldError[];

interface KindRules {
  readonly create?: Create;
  readonly update?: Update;
  readonly checkName?: (name: string) => string[];
  /** What holds for a new object is not asked again of an update. */
  readonly isCreateOnly?: true;
}

const kinds: Readonly<Record<string, KindRules>> = {
  'v1 ConfigMap': { create: validateConfigMap, update: validateConfigMapUpdate },
  'v1 Endpoints': { create: validateEndpoints },
  'v1 Event': { create: validateEvent },
  'v1 Namespace': { create: validateNamespace, checkName: labelName },
  'v1 Node': { create: validateNode, update: validateNodeUpdate },
  'v1 Pod': { create: validatePod, update: validatePodUpdate, isCreateOnly: true },
  'v1 ReplicationController': { create: validateReplicationController },
  'v1 Secret': { create: validateSecret, update: validateSecretUpdate },
  'v1 Service': { create: validateService, update: validateServiceUpdate, checkName: labelName },
  'apps/v1 DaemonSet': { create: validateDaemonSet, update: validateSelectorUpdate },
  'apps/v1 Deployment': { create: validateDeployment, update: validateSelectorUpdate },
  'apps/v1 ReplicaSet': { create: validateReplicaSet, update: validateSelectorUpdate },
  'apps/v1 StatefulSet': { create: validateStatefulSet, update: validateStatefulSetUpdate },
  'batch/v1 Job': { create: validateJob },
  'coordination.k8s.io/v1 Lease': { create: validateLease },
  'discovery.k8s.io/v1 EndpointSlice': {
    create: validateEndpointSlice,
    update: validateEndpointSliceUpdate,
  },
  'events.k8s.io/v1 Event': { create: validateGroupEvent, isCreateOnly: true },
  'policy/v1 PodDisruptionBudget': { create: validatePodDisruptionBudget },
};

/** Every objection upstream would raise against this new object; it is defaulted, its addresses allocated. */
export function validateCreate(
  gvk: GroupVersionKind & { readonly namespaced?: boolean },
  object: unknown,
  rules: ValidationRules = {},
): FieldError[] {
  const key = `${apiVersionOf(gvk)} ${gvk.kind}`;
  const { create, checkName = defaultNameCheck(gvk) } = kinds[key] ?? {};
  return [
    ...validateMetadata(metadataOf(object), {
      checkName,
      isNamespaced: gvk.namespaced ?? true,
    }),
    ...(create?.(object as never, rules) ?? []),
  ];
}

/** Every objection against replacing `previous` by `next`, both defaulted. */
export function validateUpdate(
  gvk: GroupVersionKind,
  next: unknown,
  previous: unknown,
  subresource?: string,
  rules: ValidationRules = {},
): FieldError[] {
  const { create, update, isCreateOnly } = kinds[`${apiVersionOf(gvk)} ${gvk.kind}`] ?? {};
  // Upstream asks this twice, in general and for the kind: one sentence, but two causes.
  const general = validateMetadataUpdate(metadataOf(next), metadataOf(previous));
  const errors = [...general, ...general];
  if (subresource === 'ephemeralcontainers') {
    errors.push(...validateEphemeralContainersUpdate(next as never, previous as never));
  }
  if (subresource !== undefined && subresource !== '') return errors;
  return [
    ...errors,
    ...(update?.(next as never, previous as never) ?? []),
    ...(isCreateOnly ? [] : (create?.(next as never, rules) ?? [])),
  ];
}

function defaultNameCheck({ group }: GroupVersionKind): (name: string) => string[] {
  return group === 'rbac.authorization.k8s.io' ? pathSegmentName : subdomainName;
}

function metadataOf(object: unknown): Record<string, never> {
  return isObject(object) && isObject(object['metadata'])
    ? (object['metadata'] as Record<string, never>)
    : {};
}
