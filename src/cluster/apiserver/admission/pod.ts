import type { PodSpec, Toleration } from 'kubernetes-types/core/v1.js';
import type { Draft } from '../strategy/strategy.ts';

const TOLERATION_SECONDS = 300;
const TOLERATED_TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** The two classes that exist in every cluster. */
const PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** DefaultTolerationSeconds and Priority, as far as nothing else needs to exist for them. */
export function admitPod(draft: Draft): void {
  const spec = { ...draft.spec } as unknown as { -readonly [K in keyof PodSpec]: PodSpec[K] };
  spec.tolerations = withDefaults(spec.tolerations ?? []);
  spec.priority ??= PRIORITIES[spec.priorityClassName ?? ''] ?? 0;
  spec.preemptionPolicy ??= 'PreemptLowerPriority';
  draft.spec = spec;
}

function withDefaults(tolerations: readonly Toleration[]): Toleration[] {
  const missing = TOLERATED_TAINTS.filter(
    (taint) =>
      !tolerations.some(
        ({ key, effect }) => (!key || key === taint) && (!effect || effect === 'NoExecute'),
      ),
  );
  return [
    ...tolerations,
    ...missing.map((key) => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: TOLERATION_SECONDS,
    })),
  ];
}
