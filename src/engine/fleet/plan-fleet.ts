import type { Kube } from '../../kube/index.ts';
import { createPlan } from '../create-plan.ts';
import { PitstopError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { SessionRequest } from '../plan/request.ts';
import { targetSelection } from '../plan/target.ts';
import { describeError } from '../session/session-log.ts';
import { hasEnded, oldestFirst } from './next-pod.ts';
import type { LeftOut } from './run-fleet.ts';
import { listTargetPods } from './target-pods.ts';

export interface FleetPlan {
  readonly plans: readonly Plan[];
  /** Pods for which there is no plan at all, and why. */
  readonly refused: readonly LeftOut[];
}

/**
 * What a stop of each Pod of a workload or Service would do, as all is now and each by itself, the
 * oldest first; touches nothing. Throws when the target cannot be read.
 */
export async function planFleet(
  kube: Kube,
  request: SessionRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<FleetPlan> {
  const { namespace, target } = request;
  const selects = await targetSelection(kube, target, namespace, signal);
  const pods = await listTargetPods(kube, { namespace, selects, signal });
  const plans: Plan[] = [];
  const refused: LeftOut[] = [];
  for (const { metadata } of pods.filter((pod) => !hasEnded(pod)).toSorted(oldestFirst)) {
    const name = metadata?.name ?? '';
    try {
      // Each by itself: how many are out is asked when its turn comes.
      const alone = { ...request, target: `pod/${name}`, maxOut: undefined };
      plans.push(await createPlan(kube, alone, signal));
    } catch (error) {
      if (!(error instanceof PitstopError)) throw error;
      refused.push({ pod: name, ...describeError(error) });
    }
  }
  return { plans, refused };
}
