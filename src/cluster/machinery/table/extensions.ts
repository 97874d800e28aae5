import type { CertificateSigningRequest } from 'kubernetes-types/certificates/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import type { CSIDriver, CSINode, VolumeAttachment } from 'kubernetes-types/storage/v1.js';

import { type Named, nameOf, none, type Printer, selectorText } from './cells.ts';
import { humanDuration } from './human-duration.ts';

const unset = '<unset>';
const nameAndAge: Printer = (object: Named, { age }) => [nameOf(object), age];
const webhooks: Printer = (
  configuration: Named & { readonly webhooks?: readonly unknown[] },
  { age },
) => [nameOf(configuration), (configuration.webhooks ?? []).length, age];

/** Kinds that the cluster keeps and nothing in it acts on. */
export const extensions: Readonly<Record<string, Printer>> = {
  'admissionregistration.k8s.io/mutatingadmissionpolicies': policy('mutations'),
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': printBinding,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhooks,
  'admissionregistration.k8s.io/validatingadmissionpolicies': policy('validations'),
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': printBinding,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhooks,
  'certificates.k8s.io/certificatesigningrequests': (csr: CertificateSigningRequest, { age }) => {
    const { signerName, username = '', expirationSeconds: seconds } = csr.spec;
    const duration = seconds === undefined ? none : humanDuration(seconds * 1000);
    return [nameOf(csr), age, signerName, username, duration, requestState(csr)];
  },
  'flowcontrol.apiserver.k8s.io/flowschemas': (schema: FlowSchema, { age }) => {
    const dangling = schema.status?.conditions?.find(({ type }) => type === 'Dangling');
    return [
      nameOf(schema),
      schema.spec?.priorityLevelConfiguration?.name ?? '',
      schema.spec?.matchingPrecedence ?? 0,
      schema.spec?.distinguisherMethod?.type ?? none,
      age,
      dangling?.status ?? '?',
    ];
  },
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': (level: PriorityLevel, { age }) => {
    const { type = '', limited, exempt } = level.spec ?? {};
    const queuing = limited?.limitResponse?.queuing;
    return [
      nameOf(level),
      type,
      limited?.nominalConcurrencyShares ?? exempt?.nominalConcurrencyShares ?? none,
      queuing?.queues ?? none,
      queuing?.handSize ?? none,
      queuing?.queueLengthLimit ?? none,
      age,
    ];
  },
  'networking.k8s.io/ipaddresses': (address: IPAddress) => {
    const { group, resource = '', namespace, name = '' } = address.spec?.parentRef ?? {};
    const kind = group ? `${resource}.${group}` : resource;
    const parent = [kind.toLowerCase(), ...(namespace ? [namespace] : []), name].join('/');
    return [nameOf(address), address.spec?.parentRef ? parent : none];
  },
  'networking.k8s.io/servicecidrs': (
    range: Named & { readonly spec?: { readonly cidrs?: readonly string[] } },
    { age },
  ) => [nameOf(range), (range.spec?.cidrs ?? []).join(','), age],
  'resource.k8s.io/deviceclasses': nameAndAge,
  'resource.k8s.io/resourceclaims': (claim: ResourceClaim, { age }) => [
    nameOf(claim),
    claimState(claim),
    age,
  ],
  'resource.k8s.io/resourceclaimtemplates': nameAndAge,
  'resource.k8s.io/resourceslices': (slice: ResourceSlice, { age }) => [
    nameOf(slice),
    slice.spec?.nodeName ?? '',
    slice.spec?.driver ?? '',
    slice.spec?.pool?.name ?? '',
    age,
  ],
  'storage.k8s.io/csidrivers': (driver: CSIDriver, { age }) => {
    const { spec } = driver;
    const audiences = (spec.tokenRequests ?? []).map(({ audience }) => audience);
    return [
      nameOf(driver),
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      audiences.length === 0 ? unset : audiences.join(','),
      spec.requiresRepublish ?? false,
      (spec.volumeLifecycleModes ?? []).join(','),
      age,
    ];
  },
  'storage.k8s.io/csinodes': (node: CSINode, { age }) => [
    nameOf(node),
    (node.spec.drivers ?? []).length,
    age,
  ],
  'storage.k8s.io/volumeattachments': (attachment: VolumeAttachment, { age }) => [
    nameOf(attachment),
    attachment.spec.attacher,
    attachment.spec.source.persistentVolumeName ?? '',
    attachment.spec.nodeName,
    attachment.status?.attached ?? false,
    age,
  ],
  'storage.k8s.io/volumeattributesclasses': (
    attributes: Named & { readonly driverName?: string },
    { age },
  ) => [nameOf(attributes), attributes.driverName ?? '', age],
};

interface AdmissionPolicy extends Named {
  readonly spec?: {
    readonly mutations?: readonly unknown[];
    readonly validations?: readonly unknown[];
    readonly paramKind?: { readonly apiVersion: string; readonly kind: string };
  };
}

function policy(rules: 'mutations' | 'validations'): Printer {
  return (object: AdmissionPolicy, { age }) => {
    const parameter = object.spec?.paramKind;
    return [
      nameOf(object),
      (object.spec?.[rules] ?? []).length,
      parameter ? `${parameter.apiVersion}/${parameter.kind}` : unset,
      age,
    ];
  };
}

interface PolicyBinding extends Named {
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: {
      readonly name?: string;
      readonly namespace?: string;
      readonly selector?: LabelSelector;
    };
  };
}

function printBinding(binding: PolicyBinding, { age }: { readonly age: string }): unknown[] {
  const { policyName = '', paramRef } = binding.spec ?? {};
  let parameter = unset;
  if (paramRef?.name) parameter = `${paramRef.namespace ?? '*'}/${paramRef.name}`;
  else if (paramRef?.selector) parameter = selectorText(paramRef.selector);
  return [nameOf(binding), policyName, parameter, age];
}

/** `Pending`, or what was decided and whether the certificate is there: `Approved,Issued`. */
function requestState({ status }: CertificateSigningRequest): string {
  const types = new Set((status?.conditions ?? []).map(({ type }) => type));
  const decision = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending';
  return [
    decision,
    ...(types.has('Failed') ? ['Failed'] : []),
    ...(status?.certificate ? ['Issued'] : []),
  ].join(',');
}

interface FlowSchema extends Named {
  readonly spec?: {
    readonly priorityLevelConfiguration?: { readonly name: string };
    readonly matchingPrecedence?: number;
    readonly distinguisherMethod?: { readonly type: string };
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface PriorityLevel extends Named {
  readonly spec?: {
    readonly type?: string;
    readonly exempt?: { readonly nominalConcurrencyShares?: number };
    readonly limited?: {
      readonly nominalConcurrencyShares?: number;
      readonly limitResponse?: {
        readonly queuing?: {
          readonly queues?: number;
          readonly handSize?: number;
          readonly queueLengthLimit?: number;
        };
      };
    };
  };
}

interface IPAddress extends Named {
  readonly spec?: {
    readonly parentRef?: {
      readonly group?: string;
      readonly resource?: string;
      readonly namespace?: string;
      readonly name?: string;
    };
  };
}

interface ResourceClaim extends Named {
  readonly status?: { readonly allocation?: unknown; readonly reservedFor?: readonly unknown[] };
}

interface ResourceSlice extends Named {
  readonly spec?: {
    readonly nodeName?: string;
    readonly driver?: string;
    readonly pool?: { readonly name?: string };
  };
}

function claimState({ metadata, status }: ResourceClaim): string {
  const isDeleted = metadata?.deletionTimestamp !== undefined;
  const states = isDeleted ? ['deleted'] : [];
  if (status?.allocation) {
    states.push('allocated');
    if ((status.reservedFor ?? []).length > 0) states.push('reserved');
  } else if (!isDeleted) states.push('pending');
  return states.join(',');
}
