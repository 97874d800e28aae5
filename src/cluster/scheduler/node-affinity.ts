import type {
  Node,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
} from 'kubernetes-types/core/v1.js';

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

/** The weights of the preferences that the node meets, added up. */
export function nodePreference({ spec }: Pod, node: Node): number {
  const preferred =
    spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  let total = 0;
  for (const { weight, preference } of preferred) {
    if (matchesTerm(preference, node)) total += weight;
  }
  return total;
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
