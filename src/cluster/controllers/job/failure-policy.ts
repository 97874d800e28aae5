import type {
  Job,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
} from 'kubernetes-types/batch/v1.js';
import type { ContainerStatus, Pod, PodCondition } from 'kubernetes-types/core/v1.js';
import { metaOf } from '../object-meta.ts';

export interface FailureVerdict {
  /** Whether the failure counts towards the back-off limits. */
  readonly isCounted: boolean;
  readonly action?: 'Ignore' | 'Count' | 'FailIndex' | 'FailJob';
  /** Of `FailJob`: what the Job's condition says. */
  readonly message?: string;
}

/** KEP-3329: what the first rule of the policy that matches says of a failed Pod. */
export function judgeFailure({ spec }: Job, pod: Pod): FailureVerdict {
  for (const [index, rule] of (spec?.podFailurePolicy?.rules ?? []).entries()) {
    const what = matched(pod, rule);
    if (what === undefined) continue;
    const action = rule.action as NonNullable<FailureVerdict['action']>;
    return {
      action,
      isCounted: action !== 'Ignore',
      ...(action === 'FailJob' && { message: `${what} matching ${action} rule at index ${index}` }),
    };
  }
  return { isCounted: true };
}

function matched(
  pod: Pod,
  {
    onExitCodes,
    onPodConditions,
  }: {
    readonly onExitCodes?: PodFailurePolicyOnExitCodesRequirement;
    readonly onPodConditions?: readonly PodFailurePolicyOnPodConditionsPattern[];
  },
): string | undefined {
  const { namespace, name } = metaOf(pod);
  if (onExitCodes) {
    const container = findExit(pod, onExitCodes);
    const exitCode = container?.state?.terminated?.exitCode;
    return (
      container &&
      `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${exitCode}`
    );
  }
  const condition = findCondition(pod, onPodConditions ?? []);
  return condition && `Pod ${namespace}/${name} has condition ${condition.type}`;
}

function findExit(
  { status }: Pod,
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
): ContainerStatus | undefined {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return all.find(({ name, state }) => {
    const exitCode = state?.terminated?.exitCode;
    if (!exitCode || (containerName && containerName !== name)) return false;
    return values.includes(exitCode) === (operator === 'In');
  });
}

function findCondition(
  { status }: Pod,
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
): PodCondition | undefined {
  return status?.conditions?.find(({ type, status: value }) =>
    patterns.some((pattern) => pattern.type === type && (pattern.status ?? 'True') === value),
  );
}
