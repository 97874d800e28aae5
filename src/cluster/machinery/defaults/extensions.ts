import type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from 'kubernetes-types/admissionregistration/v1.js';
import type { IngressClass } from 'kubernetes-types/networking/v1.js';
import type { CSIDriver } from 'kubernetes-types/storage/v1.js';

import type { Defaulter } from './apply-defaults.ts';

const admission = 'admissionregistration.k8s.io/v1';
const flow = 'flowcontrol.apiserver.k8s.io/v1';

/** Kinds that the cluster keeps and nothing in it acts on. */
export const extensions: Readonly<Record<string, Defaulter>> = {
  [`${admission} MutatingWebhookConfiguration`]: (object: MutatingWebhookConfiguration) => {
    for (const webhook of object.webhooks ?? []) {
      defaultWebhook(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },
  [`${admission} ValidatingWebhookConfiguration`]: (object: ValidatingWebhookConfiguration) => {
    for (const webhook of object.webhooks ?? []) defaultWebhook(webhook);
  },
  [`${admission} MutatingAdmissionPolicy`]: defaultPolicy,
  [`${admission} ValidatingAdmissionPolicy`]: defaultPolicy,
  [`${admission} MutatingAdmissionPolicyBinding`]: defaultPolicyBinding,
  [`${admission} ValidatingAdmissionPolicyBinding`]: defaultPolicyBinding,
  [`${flow} FlowSchema`]: ({ spec }: { spec?: { matchingPrecedence?: number } }) => {
    if (spec) spec.matchingPrecedence ??= 1000;
  },
  [`${flow} PriorityLevelConfiguration`]: ({ spec }: { spec?: PriorityLevelSpec }) => {
    if (!spec) return;
    if (spec.type === 'Exempt') {
      spec.exempt ??= {};
      spec.exempt.nominalConcurrencyShares ??= 0;
      spec.exempt.lendablePercent ??= 0;
    }
    if (!spec.limited) return;
    spec.limited.nominalConcurrencyShares ??= 30;
    spec.limited.lendablePercent ??= 0;
    const { queuing } = spec.limited.limitResponse ?? {};
    if (!queuing) return;
    queuing.queues ??= 64;
    queuing.handSize ??= 8;
    queuing.queueLengthLimit ??= 50;
  },
  'networking.k8s.io/v1 IngressClass': ({ spec }: IngressClass) => {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
  },
  'resource.k8s.io/v1 ResourceClaim': ({ spec }: { spec?: ClaimSpec }) => defaultClaim(spec),
  'resource.k8s.io/v1 ResourceClaimTemplate': ({ spec }: { spec?: { spec?: ClaimSpec } }) =>
    defaultClaim(spec?.spec),
  'storage.k8s.io/v1 CSIDriver': ({ spec }: CSIDriver) => {
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    spec.volumeLifecycleModes ??= ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
};

type Webhook = NonNullable<MutatingWebhookConfiguration['webhooks']>[number];

function defaultWebhook(webhook: Omit<Webhook, 'reinvocationPolicy'>): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
  for (const rule of (webhook.rules ?? []) as { scope?: string }[]) rule.scope ??= '*';
}

interface MatchResources {
  matchPolicy?: string;
  namespaceSelector?: object;
  objectSelector?: object;
  resourceRules?: { scope?: string }[];
  excludeResourceRules?: { scope?: string }[];
}

interface Policy {
  spec?: { failurePolicy?: string; matchConstraints?: MatchResources };
}

function defaultPolicy({ spec }: Policy): void {
  if (!spec) return;
  spec.failurePolicy ??= 'Fail';
  defaultMatch(spec.matchConstraints);
}

interface PolicyBinding {
  spec?: { matchResources?: MatchResources };
}

function defaultPolicyBinding({ spec }: PolicyBinding): void {
  defaultMatch(spec?.matchResources);
}

function defaultMatch(match: MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) {
    rule.scope ??= '*';
  }
}

interface Concurrency {
  nominalConcurrencyShares?: number;
  lendablePercent?: number;
}

interface PriorityLevelSpec {
  type?: string;
  exempt?: Concurrency;
  limited?: Concurrency & {
    limitResponse?: {
      queuing?: { queues?: number; handSize?: number; queueLengthLimit?: number };
    };
  };
}

interface DeviceRequest {
  allocationMode?: string;
  count?: number;
  tolerations?: { operator?: string }[];
}

interface ClaimSpec {
  devices?: {
    requests?: { exactly?: DeviceRequest; firstAvailable?: DeviceRequest[] }[];
  };
}

function defaultClaim(spec: ClaimSpec | undefined): void {
  for (const { exactly, firstAvailable = [] } of spec?.devices?.requests ?? []) {
    for (const request of [...(exactly ? [exactly] : []), ...firstAvailable]) {
      request.allocationMode ??= 'ExactCount';
      if (request.allocationMode === 'ExactCount') request.count ??= 1;
      for (const toleration of request.tolerations ?? []) toleration.operator ??= 'Equal';
    }
  }
}
