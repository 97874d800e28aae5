import type { Container, Pod, PodSpec } from 'kubernetes-types/core/v1.js';
import type { Strategy } from './strategy.ts';

const DEFAULT_GRACE_SECONDS = 30;

export const podStrategy: Strategy = {
  initialStatus: (draft) => ({
    phase: 'Pending',
    qosClass: qosClassOf(draft.spec as unknown as PodSpec),
    ...gated(draft.spec as unknown as PodSpec),
  }),
  prepareForUpdate(draft, previous, { subresource }) {
    if (subresource === 'status') {
      // The kubelet reports; it neither adopts nor deletes.
      const { ownerReferences } = previous.metadata;
      if (ownerReferences) draft.metadata.ownerReferences = ownerReferences;
      else delete draft.metadata.ownerReferences;
    }
    const qosClass = previous.status?.['qosClass'];
    if (qosClass && draft.status) draft.status = { ...draft.status, qosClass };
    if (subresource === 'ephemeralcontainers') {
      const { ephemeralContainers } = (draft.spec ?? {}) as { ephemeralContainers?: unknown };
      draft.spec = {
        ...previous.spec,
        ...(ephemeralContainers !== undefined && { ephemeralContainers }),
      };
    } else if (subresource === undefined) {
      const { ephemeralContainers } = (previous.spec ?? {}) as { ephemeralContainers?: unknown };
      draft.spec = {
        ...draft.spec,
        ...(ephemeralContainers !== undefined && { ephemeralContainers }),
      };
    }
  },
  graceSeconds(object, requested) {
    const { spec, status } = object as unknown as Pod;
    if (!spec?.nodeName) return 0;
    if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0;
    const seconds = requested ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    return seconds < 0 ? 1 : seconds;
  },
};

/** KEP-3521: whoever looks at the Pod sees that nobody has tried to place it yet. */
function gated({ schedulingGates = [] }: PodSpec): Record<string, unknown> {
  if (schedulingGates.length === 0) return {};
  const message = 'Scheduling is blocked due to non-empty scheduling gates';
  const condition = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message };
  return { conditions: [condition] };
}

/** Guaranteed: every container's limits of cpu and memory are set and equal its requests. BestEffort: none has any. */
function qosClassOf(spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  if (containers.every(hasNoResources)) return 'BestEffort';
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

const QOS_RESOURCES = ['cpu', 'memory'] as const;

function hasNoResources({ resources }: Container): boolean {
  return QOS_RESOURCES.every((name) => !resources?.limits?.[name] && !resources?.requests?.[name]);
}

function isGuaranteed({ resources }: Container): boolean {
  return QOS_RESOURCES.every((name) => {
    const limit = resources?.limits?.[name];
    return limit !== undefined && (resources?.requests?.[name] ?? limit) === limit;
  });
}
