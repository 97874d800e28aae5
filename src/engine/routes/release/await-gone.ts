import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Stop } from '../../steps/stop.ts';
import { watchUntil } from '../../steps/watch-until.ts';

/** After its grace period a Pod that is still there has a reason of its own to stay. */
const removalSlackMs = 15_000;

/** Bounded by the Pods' own grace; one that stays longer does not hold the session up. */
export async function awaitGone(
  { kube, namespace, signal }: Stop,
  leaving: readonly Pod[],
): Promise<void> {
  const uids = new Set(leaving.map(({ metadata }) => metadata?.uid));
  const graceMs = Math.max(...leaving.map(graceSeconds)) * 1000;
  const late = new Error('still terminating');
  try {
    await watchUntil<Pod, true>(
      kube,
      'pods',
      { namespace, signal, timeoutMs: graceMs + removalSlackMs, onTimeout: () => late },
      (pods) => (pods.some(({ metadata }) => uids.has(metadata?.uid)) ? undefined : true),
    );
  } catch (error) {
    if (error !== late) throw error;
  }
}

function graceSeconds({ metadata, spec }: Pod): number {
  return metadata?.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? 30;
}
