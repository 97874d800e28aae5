import { certificateRequestStrategy } from '../strategy/certificate-request.ts';
import { fieldsAt } from './field-readers.ts';
import type { Resource } from './resource.ts';
import { type Row, rows, WRITE } from './rows.ts';

/**
 * Kinds that nothing in the cluster acts on: kept, validated and watched like any other, so that
 * manifests which carry them apply. One row each.
 */
export const EXTENSION_KINDS: readonly Resource[] = [
  ...rows('admissionregistration.k8s.io', 'v1', [
    {
      ...admission('MutatingAdmissionPolicy', 'mutatingadmissionpolicies'),
      storageVersion: 'v1beta1',
    },
    {
      ...admission('MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings'),
      storageVersion: 'v1beta1',
    },
    admission('MutatingWebhookConfiguration', 'mutatingwebhookconfigurations'),
    { ...admission('ValidatingAdmissionPolicy', 'validatingadmissionpolicies'), ...withStatus() },
    admission('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings'),
    admission('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations'),
  ]),
  ...rows('certificates.k8s.io', 'v1', [
    {
      kind: 'CertificateSigningRequest',
      plural: 'certificatesigningrequests',
      shortNames: ['csr'],
      subresources: [{ name: 'approval', kind: 'CertificateSigningRequest', verbs: WRITE }],
      ...withStatus(),
      fields: fieldsAt('spec.signerName'),
      strategy: certificateRequestStrategy,
    },
  ]),
  ...rows('flowcontrol.apiserver.k8s.io', 'v1', [
    {
      kind: 'FlowSchema',
      plural: 'flowschemas',
      hasGeneration: true,
      allowsUnconditionalUpdate: false,
      ...withStatus(),
    },
    {
      kind: 'PriorityLevelConfiguration',
      plural: 'prioritylevelconfigurations',
      hasGeneration: true,
      allowsUnconditionalUpdate: false,
      ...withStatus(),
    },
  ]),
  ...rows('networking.k8s.io', 'v1', [
    { kind: 'IngressClass', plural: 'ingressclasses', hasGeneration: true },
    {
      kind: 'Ingress',
      plural: 'ingresses',
      namespaced: true,
      shortNames: ['ing'],
      hasGeneration: true,
      ...withStatus({ loadBalancer: {} }),
    },
    {
      kind: 'IPAddress',
      plural: 'ipaddresses',
      shortNames: ['ip'],
    },
    {
      kind: 'NetworkPolicy',
      plural: 'networkpolicies',
      namespaced: true,
      shortNames: ['netpol'],
      hasGeneration: true,
    },
    { kind: 'ServiceCIDR', plural: 'servicecidrs', ...withStatus() },
  ]),
  ...rows('node.k8s.io', 'v1', [
    { kind: 'RuntimeClass', plural: 'runtimeclasses', allowsUnconditionalUpdate: false },
  ]),
  ...rows('resource.k8s.io', 'v1', [
    { kind: 'DeviceClass', plural: 'deviceclasses', hasGeneration: true },
    { kind: 'ResourceClaim', plural: 'resourceclaims', namespaced: true, ...withStatus() },
    { kind: 'ResourceClaimTemplate', plural: 'resourceclaimtemplates', namespaced: true },
    {
      kind: 'ResourceSlice',
      plural: 'resourceslices',
      fields: fieldsAt('spec.driver', 'spec.nodeName'),
      hasGeneration: true,
    },
  ]),
  ...rows('scheduling.k8s.io', 'v1', [
    {
      kind: 'PriorityClass',
      plural: 'priorityclasses',
      shortNames: ['pc'],
      hasGeneration: true,
    },
  ]),
  ...rows('storage.k8s.io', 'v1', [
    { kind: 'CSIDriver', plural: 'csidrivers', allowsUnconditionalUpdate: false, ...returned() },
    { kind: 'CSINode', plural: 'csinodes', allowsUnconditionalUpdate: false, ...returned() },
    { kind: 'CSIStorageCapacity', plural: 'csistoragecapacities', namespaced: true },
    {
      kind: 'StorageClass',
      plural: 'storageclasses',
      shortNames: ['sc'],
      ...returned(),
    },
    {
      kind: 'VolumeAttachment',
      plural: 'volumeattachments',
      allowsUnconditionalUpdate: false,
      ...returned(),
      ...withStatus({ attached: false }),
    },
    {
      kind: 'VolumeAttributesClass',
      plural: 'volumeattributesclasses',
      shortNames: ['vac'],
      ...returned(),
    },
  ]),
];

function admission(kind: string, plural: string): Row {
  return {
    kind,
    plural,
    categories: ['api-extensions'],
    hasGeneration: true,
    allowsUnconditionalUpdate: false,
  };
}

function withStatus(status: Readonly<Record<string, unknown>> = {}): Partial<Resource> {
  return { hasStatus: true, strategy: { initialStatus: () => ({ ...status }) } };
}

function returned(): Partial<Resource> {
  return { returnsDeletedObject: true };
}
