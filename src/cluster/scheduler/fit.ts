import type {
  Node,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
  Taint,
  Toleration,
} from 'kubernetes-types/core/v1.js';

/** A node with the number of Pods on it that have not ended. */
export interface Candidate {
  readonly node: Node;
  readonly podCount: number;
}

export type Placement =
  | { readonly nodeName: string }
  | {
      /** Why not, in the scheduler's words, with the number of nodes each holds for. */
      readonly reasons: ReadonlyMap<string, number>;
      /** Nodes that would do if Pods went away. */
      readonly crowded: number;
    };

/** The node that suits the Pod and has the fewest Pods; of equals the first by name. */
export function place(pod: Pod, candidates: readonly Candidate[]): Placement {
  const reasons = new Map<string, number>();
  const fitting: Candidate[] = [];
  let crowded = 0;
  for (const candidate of candidates) {
    const reason = misfit(pod, candidate);
    if (reason === undefined) fitting.push(candidate);
    else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    if (reason === TOO_MANY_PODS) crowded += 1;
  }
  const [best] = fitting.sort(
    (a, b) => a.podCount - b.podCount || (nameOf(a) < nameOf(b) ? -1 : 1),
  );
  return best ? { nodeName: nameOf(best) } : { reasons, crowded };
}

/** What `kubectl describe pod` shows under FailedScheduling. */
export function unschedulableMessage(
  nodeCount: number,
  { reasons, crowded }: Exclude<Placement, { readonly nodeName: string }>,
): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods';
  const why = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  const preemption = [
    [nodeCount - crowded, 'Preemption is not helpful for scheduling'],
    [crowded, 'No preemption victims found for incoming pod'],
  ] as const;
  const helpless = preemption.filter(([count]) => count > 0).map((part) => part.join(' '));
  return `0/${nodeCount} nodes are available: ${why.join(', ')}. no new claims to deallocate, preemption: 0/${nodeCount} nodes are available: ${helpless.join(', ')}.`;
}

const TOO_MANY_PODS = 'Too many pods';

/** The first of upstream's filters that the node does not pass. */
function misfit(pod: Pod, { node, podCount }: Candidate): string | undefined {
  const tolerations = pod.spec?.tolerations ?? [];
  if (node.spec?.unschedulable && !isTolerated(UNSCHEDULABLE, tolerations)) {
    return 'node(s) were unschedulable';
  }
  if (taintsOf(node).some((taint) => !isTolerated(taint, tolerations))) {
    return 'node(s) had untolerated taint(s)';
  }
  if (!isSelected(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  const capacity = Number(node.status?.allocatable?.['pods'] ?? Infinity);
  return podCount >= capacity ? TOO_MANY_PODS : undefined;
}

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
/** What upstream's node controller puts on a node that is not Ready; nobody runs that one here. */
const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** What keeps Pods off the node, or drives them away, unless they tolerate it. */
export function taintsOf({ spec, status }: Node): Taint[] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const taints = (spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  return ready?.status === 'True' ? taints : [...taints, NOT_READY];
}

export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some(({ key, operator = 'Equal', value = '', effect }) => {
    if (effect && effect !== taint.effect) return false;
    if (key && key !== taint.key) return false;
    if (!key && operator !== 'Exists') return false;
    return operator === 'Exists' || value === (taint.value ?? '');
  });
}

/** Whether the node is one that the Pod asks for. */
export function isSelected({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata?.labels ?? {};
  const hasLabels = Object.entries(spec?.nodeSelector ?? {}).every(
    ([key, value]) => labels[key] === value,
  );
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!hasLabels || !required) return hasLabels;
  return required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

/** An empty term matches nothing. */
function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: Node,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const { labels = {}, name = '' } = node.metadata ?? {};
  return (
    matchExpressions.every((requirement) => meets(labels[requirement.key], requirement)) &&
    matchFields.every((requirement) => meets(name, requirement))
  );
}

function meets(
  value: string | undefined,
  { operator, values = [] }: NodeSelectorRequirement,
): boolean {
  switch (operator) {
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Gt':
      return value !== undefined && Number.parseInt(value, 10) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number.parseInt(value, 10) < Number(values[0]);
    default:
      return false;
  }
}

function nameOf({ node }: Candidate): string {
  return node.metadata?.name ?? '';
}
