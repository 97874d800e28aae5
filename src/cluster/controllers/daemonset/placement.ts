import type { DaemonSet } from 'kubernetes-types/apps/v1.js';
import type { Node, Pod } from 'kubernetes-types/core/v1.js';
import { isSelected } from '../../scheduler/node-affinity.ts';
import { isTolerated, taintsOf } from '../../scheduler/taints.ts';
import { metaOf } from '../object-meta.ts';
import { daemonTolerations } from './template.ts';

/**
 * What a node is to a DaemonSet. `stays`: no Pod is started there, but one that is there may stay,
 * because what the node is tainted with only keeps new Pods away.
 */
export type Placement = 'runs' | 'stays' | 'leaves';

export function placementOn(set: DaemonSet, node: Node): Placement {
  const pod = set.spec?.template.spec;
  if (!pod || (pod.nodeName && pod.nodeName !== metaOf(node).name)) return 'leaves';
  if (!isSelected({ spec: pod }, node)) return 'leaves';
  const tolerations = daemonTolerations(set);
  const untolerated = taintsOf(node).filter((taint) => !isTolerated(taint, tolerations));
  if (untolerated.length === 0) return 'runs';
  return untolerated.some(({ effect }) => effect === 'NoExecute') ? 'leaves' : 'stays';
}

/** The node a Pod is on, or the one it was made for. */
export function nodeOf({ spec }: Pod): string | undefined {
  if (spec?.nodeName) return spec.nodeName;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms
    .flatMap(({ matchFields = [] }) => matchFields)
    .find(({ key, operator }) => key === 'metadata.name' && operator === 'In')?.values?.[0];
}

export function podsByNode(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  return Map.groupBy(pods, (pod) => nodeOf(pod) ?? '');
}

/** The order in which Pods of one node are kept: assigned ones first, then the oldest. */
export function bySeniority(a: Pod, b: Pod): number {
  const isAssigned = (pod: Pod): number => Number(Boolean(pod.spec?.nodeName));
  const [left, right] = [metaOf(a), metaOf(b)];
  const age = String(left.creationTimestamp).localeCompare(String(right.creationTimestamp));
  return isAssigned(b) - isAssigned(a) || age || (left.name < right.name ? -1 : 1);
}
