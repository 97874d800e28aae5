import type { Pod } from 'kubernetes-types/core/v1.js';
import { filterFor } from './fit.ts';
import type { Surroundings } from './pod-affinity.ts';
import { bestOf } from './score.ts';

export type Placement =
  | { readonly nodeName: string }
  | {
      /** How many nodes there are. */
      readonly nodeCount: number;
      /** Why not, with the number of nodes each reason holds for. */
      readonly reasons: ReadonlyMap<string, number>;
      /** Nodes that would do if Pods went away. */
      readonly crowded: number;
    };

/** The node that suits the Pod best, or why none does. */
export function place(pod: Pod, surroundings: Surroundings): Placement {
  const { candidates } = surroundings;
  const judge = filterFor(pod, surroundings);
  const reasons = new Map<string, number>();
  let crowded = 0;
  const fitting = candidates.filter((candidate) => {
    const misfit = judge(candidate);
    for (const reason of misfit?.reasons ?? []) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    if (misfit?.isCrowded) crowded += 1;
    return misfit === undefined;
  });
  const best = bestOf(pod, fitting, surroundings);
  return best ? { nodeName: best.name } : { nodeCount: candidates.length, reasons, crowded };
}

/** What `kubectl describe pod` shows under FailedScheduling. */
export function unschedulableMessage(
  pod: Pod,
  { nodeCount, reasons, crowded }: Exclude<Placement, { readonly nodeName: string }>,
): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods';
  const why = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  const helpless = [
    ...(crowded > 0 ? [`${crowded} No preemption victims found for incoming pod`] : []),
    ...(crowded < nodeCount
      ? [`${nodeCount - crowded} Preemption is not helpful for scheduling`]
      : []),
  ].sort();
  const none = `0/${nodeCount} nodes are available`;
  const preemption =
    pod.spec?.preemptionPolicy === 'Never'
      ? 'not eligible due to preemptionPolicy=Never.'
      : `${none}: ${helpless.join(', ')}.`;
  return `${none}: ${why.join(', ')}. no new claims to deallocate, preemption: ${preemption}`;
}
