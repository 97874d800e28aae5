import type { PodTemplate } from 'kubernetes-types/core/v1.js';

import type { FieldError } from '../field-error.ts';
import { apiVersionOf, type GroupVersionKind } from '../group-version-kind.ts';
import { isObject } from '../json-value.ts';
import type { KindRules } from '../kind-rules.ts';
import {
  validateBindingUpdate,
  validateClusterRole,
  validateClusterRoleBinding,
  validateRole,
  validateRoleBinding,
} from './access.ts';
import { validateAutoscaler } from './autoscaling.ts';
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
import {
  validateAttachment,
  validateCsiDriver,
  validateCsiDriverUpdate,
  validateCsiNode,
  validateSpecUpdate,
} from './csi.ts';
import { validateCronJob, validateJob, validateJobUpdate } from './batch.ts';
import { validateFlowSchema, validatePriorityLevel } from './flow-control.ts';
import { validateIngressClass, validateIngressClassUpdate } from './ingress-class.ts';
import { validateIngress, validateRuntimeClass, validateRuntimeClassUpdate } from './ingress.ts';
import { validateMetadata, validateMetadataUpdate } from './metadata.ts';
import { labelName, pathSegmentName, subdomainName } from './names.ts';
import {
  validateEndpoints,
  validateEndpointSlice,
  validateEndpointSliceUpdate,
} from './networking.ts';
import { validateNetworkPolicy } from './network-policy.ts';
import { validateNewPod, validatePod } from './pod.ts';
import { validateEphemeralContainersUpdate, validatePodUpdate } from './pod-update.ts';
import { validateTemplate } from './pod-spec.ts';
import { validateLimitRange, validateResourceQuota, validateResourceQuotaUpdate } from './quota.ts';
import { validatePriorityClass, validatePriorityClassUpdate } from './scheduling.ts';
import { validateService, validateServiceUpdate } from './service.ts';
import {
  validateClaim,
  validateClaimUpdate,
  validateStorageClass,
  validateStorageClassUpdate,
  validateVolume,
} from './storage.ts';
import { validateWebhooks } from './webhooks.ts';
import {
  validateDaemonSet,
  validateDeployment,
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

type Check = (object: never, rules: ValidationRules) => FieldError[];
type Update = (next: never, previous: never) => FieldError[];

/** What has to hold for the objects of one kind, metadata aside. */
export interface KindChecks {
  /** What has to hold for a new object and for a changed one. */
  readonly always?: Check;
  /** For a new one only. */
  readonly create?: Check;
  readonly update?: Update;
  readonly checkName: (name: string) => string[];
}

const kinds: Readonly<Record<string, Partial<KindChecks>>> = {
  'v1 ConfigMap': { always: validateConfigMap, update: validateConfigMapUpdate },
  'v1 Endpoints': { always: validateEndpoints },
  'v1 Event': { always: validateEvent },
  'v1 LimitRange': { always: validateLimitRange },
  'v1 Namespace': { always: validateNamespace, checkName: labelName },
  'v1 Node': { always: validateNode, update: validateNodeUpdate },
  'v1 PersistentVolume': { always: validateVolume },
  'v1 PersistentVolumeClaim': { always: validateClaim, update: validateClaimUpdate },
  'v1 Pod': { always: validatePod, create: validateNewPod, update: validatePodUpdate },
  'v1 PodTemplate': {
    always: ({ template }: PodTemplate) => (template ? validateTemplate(template, 'template') : []),
  },
  'v1 ReplicationController': { always: validateReplicationController },
  'v1 ResourceQuota': { always: validateResourceQuota, update: validateResourceQuotaUpdate },
  'v1 Secret': { always: validateSecret, update: validateSecretUpdate },
  'v1 Service': { always: validateService, update: validateServiceUpdate, checkName: labelName },
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration': { always: validateWebhooks },
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration': { always: validateWebhooks },
  'apps/v1 DaemonSet': { always: validateDaemonSet, update: validateSelectorUpdate },
  'apps/v1 Deployment': { always: validateDeployment, update: validateSelectorUpdate },
  'apps/v1 ReplicaSet': { always: validateReplicaSet, update: validateSelectorUpdate },
  'apps/v1 StatefulSet': { always: validateStatefulSet, update: validateStatefulSetUpdate },
  'autoscaling/v2 HorizontalPodAutoscaler': { always: validateAutoscaler },
  'batch/v1 CronJob': { always: validateCronJob },
  'batch/v1 Job': { always: validateJob, update: validateJobUpdate },
  'coordination.k8s.io/v1 Lease': { always: validateLease },
  'discovery.k8s.io/v1 EndpointSlice': {
    always: validateEndpointSlice,
    update: validateEndpointSliceUpdate,
  },
  'events.k8s.io/v1 Event': { create: validateGroupEvent },
  'flowcontrol.apiserver.k8s.io/v1 FlowSchema': { always: validateFlowSchema },
  'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration': { always: validatePriorityLevel },
  'networking.k8s.io/v1 Ingress': { always: validateIngress },
  'networking.k8s.io/v1 IngressClass': {
    always: validateIngressClass,
    update: validateIngressClassUpdate,
  },
  'networking.k8s.io/v1 NetworkPolicy': { always: validateNetworkPolicy },
  'node.k8s.io/v1 RuntimeClass': {
    always: validateRuntimeClass,
    update: validateRuntimeClassUpdate,
  },
  'policy/v1 PodDisruptionBudget': { always: validatePodDisruptionBudget },
  'rbac.authorization.k8s.io/v1 ClusterRole': { always: validateClusterRole },
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': {
    always: validateClusterRoleBinding,
    update: validateBindingUpdate,
  },
  'rbac.authorization.k8s.io/v1 Role': { always: validateRole },
  'rbac.authorization.k8s.io/v1 RoleBinding': {
    always: validateRoleBinding,
    update: validateBindingUpdate,
  },
  'scheduling.k8s.io/v1 PriorityClass': {
    always: validatePriorityClass,
    update: validatePriorityClassUpdate,
  },
  'resource.k8s.io/v1 ResourceClaim': { update: validateSpecUpdate },
  'resource.k8s.io/v1 ResourceClaimTemplate': { update: validateSpecUpdate },
  'storage.k8s.io/v1 CSIDriver': { always: validateCsiDriver, update: validateCsiDriverUpdate },
  'storage.k8s.io/v1 CSINode': { always: validateCsiNode },
  'storage.k8s.io/v1 StorageClass': {
    always: validateStorageClass,
    update: validateStorageClassUpdate,
  },
  'storage.k8s.io/v1 VolumeAttachment': { always: validateAttachment, update: validateSpecUpdate },
};

export function checksOf(gvk: GroupVersionKind): KindChecks {
  const checkName = gvk.group === 'rbac.authorization.k8s.io' ? pathSegmentName : subdomainName;
  return { checkName, ...kinds[`${apiVersionOf(gvk)} ${gvk.kind}`] };
}

/** Every objection upstream would raise against this new object; it is defaulted, its addresses allocated. */
export function validateCreate(
  { checks, namespaced = true }: Pick<KindRules, 'checks'> & { readonly namespaced?: boolean },
  object: unknown,
  rules: ValidationRules = {},
): FieldError[] {
  const { always, create, checkName } = checks;
  return [
    ...validateMetadata(metadataOf(object), {
      checkName,
      isNamespaced: namespaced,
    }),
    ...(always?.(object as never, rules) ?? []),
    ...(create?.(object as never, rules) ?? []),
  ];
}

/** Every objection against replacing `previous` by `next`, both defaulted. */
export function validateUpdate(
  { checks }: Pick<KindRules, 'checks'>,
  next: unknown,
  previous: unknown,
  subresource?: string,
  rules: ValidationRules = {},
): FieldError[] {
  const { always, update } = checks;
  // Upstream asks this twice, in general and for the kind: one sentence, but two causes.
  const general = validateMetadataUpdate(metadataOf(next), metadataOf(previous));
  const errors = [...general, ...general];
  if (subresource === 'ephemeralcontainers') {
    errors.push(
      ...validatePod(next as never),
      ...validateEphemeralContainersUpdate(next as never, previous as never),
    );
  }
  if (subresource !== undefined && subresource !== '') return errors;
  return [
    ...errors,
    ...(update?.(next as never, previous as never) ?? []),
    ...(always?.(next as never, rules) ?? []),
  ];
}

function metadataOf(object: unknown): Record<string, never> {
  return isObject(object) && isObject(object['metadata'])
    ? (object['metadata'] as Record<string, never>)
    : {};
}
