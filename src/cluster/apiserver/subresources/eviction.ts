import type { Pod } from 'kubernetes-types/core/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { ApiError } from '../../api-error.ts';
import type { DeleteOptions, KubeObject, ObjectKey } from '../../api.ts';
import { labelSelectorMatcher } from '../../store/index.ts';
import { type PipelineContext, timestamp, type Write } from '../pipeline/context.ts';
import { deleteObject } from '../pipeline/delete.ts';
import { liveEntry, update } from '../pipeline/update.ts';
import { resourceNamed } from '../resources/registry.ts';

export interface Eviction extends KubeObject {
  readonly deleteOptions?: DeleteOptions;
}

/** Deletes a Pod unless a disruption budget forbids it (429). Returns the Status that evictions answer with. */
export function evict(
  context: PipelineContext,
  key: ObjectKey,
  eviction: Eviction,
  write: Write,
): KubeObject {
  const pods = resourceNamed('pods');
  const pod = liveEntry(context, pods, key).object as Pod;
  const options: DeleteOptions = { ...eviction.deleteOptions, dryRun: write.dryRun };
  if (isBudgetCounted(pod)) spendBudget(context, pod, write);
  if (!write.dryRun) markDisrupted(context, key, write);
  deleteObject(context, pods, key, options);
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    code: 201,
  } as KubeObject;
}

function isBudgetCounted({ metadata, status }: Pod): boolean {
  if (metadata?.deletionTimestamp) return false;
  return !['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? '');
}

function spendBudget(context: PipelineContext, pod: Pod, write: Write): void {
  const namespace = pod.metadata?.namespace;
  const budgets = context.store
    .collection('poddisruptionbudgets')
    .entries(namespace)
    .map(({ object }) => object as PodDisruptionBudget)
    .filter(({ spec }) => labelSelectorMatcher(spec?.selector)(pod.metadata?.labels));
  const [budget, second] = budgets;
  if (!budget) return;
  if (second) {
    throw new ApiError(
      500,
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  if (isUnhealthyAndFree(pod, budget)) return;
  requireAllowance(budget);
  if (write.dryRun) return;
  const name = budget.metadata?.name ?? '';
  update(
    context,
    resourceNamed('poddisruptionbudgets'),
    { namespace, name },
    (live) => {
      const { status } = live as PodDisruptionBudget;
      return {
        ...live,
        status: {
          ...status,
          disruptionsAllowed: (status?.disruptionsAllowed ?? 1) - 1,
          disruptedPods: {
            ...status?.disruptedPods,
            [pod.metadata?.name ?? '']: timestamp(context.now()),
          },
        },
      };
    },
    { ...write, manager: 'kube-apiserver', subresource: 'status' },
  );
}

/** An unready Pod may go when the budget is met without it, or always, as unhealthyPodEvictionPolicy says. */
function isUnhealthyAndFree(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  const isReady = pod.status?.conditions?.some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );
  if (isReady) return false;
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return (
    (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0) &&
    (status?.desiredHealthy ?? 0) > 0
  );
}

const RETRY_AFTER_SECONDS = 10;

function requireAllowance({ metadata, status }: PodDisruptionBudget): void {
  const refuse = (message: string, retryAfterSeconds?: number) =>
    new ApiError(
      429,
      'TooManyRequests',
      "Cannot evict pod as it would violate the pod's disruption budget.",
      {
        causes: [{ reason: 'DisruptionBudget', message }],
        ...(retryAfterSeconds && { retryAfterSeconds }),
      },
    );
  const name = metadata?.name ?? '';
  if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 0)) {
    throw refuse(
      `The disruption budget ${name} is still being processed by the server.`,
      RETRY_AFTER_SECONDS,
    );
  }
  if ((status?.disruptionsAllowed ?? 0) <= 0) {
    throw refuse(
      `The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`,
    );
  }
}

// KEP-3329: whoever looks at the Pod afterwards can tell an eviction from a crash.
function markDisrupted(context: PipelineContext, key: ObjectKey, write: Write): void {
  update(
    context,
    resourceNamed('pods'),
    key,
    (live) => {
      const { status } = live as Pod;
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
        lastTransitionTime: timestamp(context.now()),
      };
      const others = (status?.conditions ?? []).filter(({ type }) => type !== condition.type);
      return { ...live, status: { ...status, conditions: [...others, condition] } };
    },
    { ...write, manager: 'kube-apiserver', subresource: 'status' },
  );
}
