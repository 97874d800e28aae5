import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { isReady } from '../is-ready.ts';
import { matchesSelector, type Labels } from '../labels.ts';
import { describeOwner } from '../routes/owner.ts';
import type { Owner, Snapshot } from '../snapshot.ts';
import type { Circumstances, Finding } from './finding.ts';

/** Budgets that allow no disruption now, and autoscalers that would take the Pod away. */
export function findDisruptionInterlocks(circumstances: Circumstances): readonly Finding[] {
  return [...exhaustedBudgets(circumstances.snapshot), ...scaleDowns(circumstances)];
}

/** Taken out, a Pod serves nobody, whatever its Ready says: it counts as one disruption. */
function exhaustedBudgets({ pod, budgets = [] }: Snapshot): readonly Finding[] {
  // One that is not Ready is not among the healthy, and has been subtracted already.
  if (!isReady(pod.status?.conditions)) return [];
  const labels = pod.metadata?.labels ?? {};
  return budgets
    .filter((budget) => selects(budget, labels) && (budget.status?.disruptionsAllowed ?? 0) < 1)
    .map((budget) => {
      const { currentHealthy = 0, desiredHealthy = 0, expectedPods = 0 } = budget.status ?? {};
      const { name, namespace } = budget.metadata ?? {};
      return {
        name: 'pdb',
        object: `poddisruptionbudget/${name}`,
        message: `it allows no disruption now (${describeBudget(budget)}): ${currentHealthy} of ${expectedPods} Pods are healthy, and ${desiredHealthy} must be`,
        hint: `kubectl get pdb ${name} -n ${namespace}`,
      };
    });
}

/** policy/v1: an empty selector selects every Pod of the namespace, an absent one none. */
function selects({ spec }: PodDisruptionBudget, labels: Labels): boolean {
  const { selector } = spec ?? {};
  if (!selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  if (Object.keys(matchLabels).length + matchExpressions.length === 0) return true;
  return matchesSelector(selector, labels);
}

function describeBudget({ spec }: PodDisruptionBudget): string {
  if (spec?.minAvailable !== undefined) return `minAvailable ${spec.minAvailable}`;
  return `maxUnavailable ${spec?.maxUnavailable ?? 'not given'}`;
}

/**
 * An unready Pod is the ReplicaSet's first victim, before any deletion cost is compared, and its idle
 * CPU counts towards scaling down (replica_calculator.go): so of a Pod that stays owned.
 */
function scaleDowns({ snapshot, route }: Circumstances): readonly Finding[] {
  const { owner, pod, autoscalers = [] } = snapshot;
  if (!owner || route === 'release') return [];
  const scaled = targetsOf(owner);
  return autoscalers.flatMap((autoscaler) => {
    const { kind, name } = autoscaler.spec?.scaleTargetRef ?? {};
    if (!scaled.some((target) => target.kind === kind && target.name === name)) return [];
    const message = scaleDownOf(autoscaler, route === 'gate');
    if (!message) return [];
    return [
      {
        name: 'hpa-scale-down' as const,
        object: `horizontalpodautoscaler/${autoscaler.metadata?.name}`,
        message,
        hint: `--route=release keeps the Pod out of its reach; kubectl get hpa ${autoscaler.metadata?.name} -n ${pod.metadata?.namespace}`,
      },
    ];
  });
}

/** The Pod idles while it is out, and an autoscaler goes by the average. */
export function idleWarnings({ snapshot, route }: Circumstances): readonly string[] {
  const { owner, autoscalers = [] } = snapshot;
  if (!owner || route !== 'label') return [];
  const scaled = targetsOf(owner);
  return autoscalers.flatMap((autoscaler) => {
    const { kind, name } = autoscaler.spec?.scaleTargetRef ?? {};
    if (!scaled.some((target) => target.kind === kind && target.name === name)) return [];
    const might = scaleDownOf(autoscaler, true);
    if (!might || scaleDownOf(autoscaler, false)) return [];
    const { currentReplicas } = autoscaler.status ?? {};
    return [
      `horizontalpodautoscaler/${autoscaler.metadata?.name} counts the Pod, which idles while it is out: of ${currentReplicas} replicas it may take one away, not necessarily this one`,
    ];
  });
}

function scaleDownOf(
  { spec, status }: HorizontalPodAutoscaler,
  unready: boolean,
): string | undefined {
  if (spec?.behavior?.scaleDown?.selectPolicy === 'Disabled') return undefined;
  const { currentReplicas = 0, desiredReplicas = currentReplicas } = status ?? {};
  const least = spec?.minReplicas ?? 1;
  const kind = spec?.scaleTargetRef.kind.toLowerCase();
  const who = `${kind}/${spec?.scaleTargetRef.name}`;
  if (desiredReplicas < currentReplicas) {
    return `it is scaling ${who} down from ${currentReplicas} to ${desiredReplicas} replicas`;
  }
  if (!unready || currentReplicas <= least) return undefined;
  return `it may scale ${who} down (${currentReplicas} replicas now, at least ${least}), and an unready Pod goes first`;
}

/** The Pod's owner and the owner's owner, of whatever kind it is. */
function targetsOf(owner: Owner): readonly { readonly kind: string; readonly name: string }[] {
  if (owner.kind === 'ReplicaSet') {
    const { metadata } = owner.replicaSet;
    const parent = metadata?.ownerReferences?.find(({ controller }) => controller);
    return [{ kind: 'ReplicaSet', name: metadata?.name ?? '' }, ...(parent ? [parent] : [])];
  }
  if (owner.kind === 'Other') return [owner.reference];
  const [, name = ''] = describeOwner(owner).split('/');
  return [{ kind: owner.kind, name }];
}
