import type { Pod, TopologySpreadConstraint } from 'kubernetes-types/core/v1.js';
import { controllerOf, isBeingDeleted } from '../controllers/object-meta.ts';
import { labelSelectorMatcher } from '../store/index.ts';
import { isSelected } from './node-affinity.ts';
import type { Candidate } from './node-usage.ts';
import { isUntolerated } from './taints.ts';

export const SKEWED = "node(s) didn't match pod topology spread constraints";
const NO_TOPOLOGY = `${SKEWED} (missing required label)`;

/** How a constraint judges one node: the reason why not, or nothing. */
export type SpreadRule = (candidate: Candidate) => string | undefined;

/** The rules of the Pod's constraints that must be kept, counted once for all nodes. */
export function spreadRules(pod: Pod, candidates: readonly Candidate[]): SpreadRule[] {
  const constraints = constraintsOf(pod, 'DoNotSchedule');
  const hasKeys = ({ node }: Candidate): boolean =>
    constraints.every(({ topologyKey }) => node.metadata?.labels?.[topologyKey] !== undefined);
  return constraints.map((constraint) => {
    const { topologyKey, maxSkew, minDomains = 1 } = constraint;
    const matches = matcherOf(pod, constraint);
    const counts = new Map<string, number>();
    for (const candidate of candidates) {
      if (!hasKeys(candidate) || !isEligible(pod, candidate, constraint)) continue;
      const value = valueOf(candidate, topologyKey);
      counts.set(value, (counts.get(value) ?? 0) + countIn(candidate, matches));
    }
    const least = counts.size < minDomains ? 0 : Math.min(...counts.values());
    const self = matches(pod) ? 1 : 0;
    return (candidate) => {
      if (candidate.node.metadata?.labels?.[topologyKey] === undefined) return NO_TOPOLOGY;
      const count = counts.get(valueOf(candidate, topologyKey)) ?? 0;
      return count + self - least > maxSkew ? SKEWED : undefined;
    };
  });
}

/** Without constraints of its own a Pod keeps some distance from its siblings all the same. */
const DEFAULTS = [
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
];

/** The crowd that the Pod would meet on each node, weighed by constraint: less is better. */
export function spreadCosts(pod: Pod, candidates: readonly Candidate[]): number[] {
  const own = constraintsOf(pod, 'ScheduleAnyway').map((constraint) => {
    const matches = matcherOf(pod, constraint);
    return { ...constraint, countOn: (candidate: Candidate) => countIn(candidate, matches) };
  });
  const hasOwn = (pod.spec?.topologySpreadConstraints ?? []).length > 0;
  const owner = controllerOf(pod)?.uid;
  const siblingsOn = ({ siblings }: Candidate): number => siblings.get(owner ?? '') ?? 0;
  const byDefault = owner ? DEFAULTS.map((each) => ({ ...each, countOn: siblingsOn })) : [];
  const costs = candidates.map(() => 0);
  for (const { topologyKey, maxSkew, countOn } of hasOwn ? own : byDefault) {
    const counts = new Map<string, number>();
    for (const candidate of candidates) {
      const value = valueOf(candidate, topologyKey);
      counts.set(value, (counts.get(value) ?? 0) + countOn(candidate));
    }
    const weight = Math.log(counts.size + 2);
    for (const [index, candidate] of candidates.entries()) {
      const count = counts.get(valueOf(candidate, topologyKey)) ?? 0;
      costs[index] = (costs[index] ?? 0) + count * weight + maxSkew - 1;
    }
  }
  return costs;
}

/** Fields newer than the types. */
type Constraint = TopologySpreadConstraint & {
  readonly nodeAffinityPolicy?: 'Honor' | 'Ignore';
  readonly nodeTaintsPolicy?: 'Honor' | 'Ignore';
};

function constraintsOf({ spec }: Pod, whenUnsatisfiable: string): Constraint[] {
  return ((spec?.topologySpreadConstraints ?? []) as Constraint[]).filter(
    (constraint) => constraint.whenUnsatisfiable === whenUnsatisfiable,
  );
}

function isEligible(
  pod: Pod,
  { node }: Candidate,
  { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' }: Constraint,
): boolean {
  if (nodeAffinityPolicy === 'Honor' && !isSelected(pod, node)) return false;
  return nodeTaintsPolicy === 'Ignore' || !isUntolerated(node, pod.spec?.tolerations ?? []);
}

/** KEP-3243: the values of `matchLabelKeys` are those of the Pod itself. */
function matcherOf(
  { metadata }: Pod,
  { labelSelector, matchLabelKeys = [] }: Constraint,
): (pod: Pod) => boolean {
  if (!labelSelector) return () => false;
  const own = matchLabelKeys.flatMap((key) => {
    const value = metadata?.labels?.[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  const selects = labelSelectorMatcher({
    ...labelSelector,
    matchLabels: { ...labelSelector.matchLabels, ...Object.fromEntries(own) },
  });
  return (pod) => pod.metadata?.namespace === metadata?.namespace && selects(pod.metadata?.labels);
}

function countIn({ pods }: Candidate, matches: (pod: Pod) => boolean): number {
  let count = 0;
  for (const pod of pods) if (!isBeingDeleted(pod) && matches(pod)) count += 1;
  return count;
}

/** Nodes without the label are a topology of their own each. */
function valueOf({ node, name }: Candidate, topologyKey: string): string {
  return node.metadata?.labels?.[topologyKey] ?? `\0${name}`;
}
