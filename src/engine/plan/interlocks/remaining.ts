import { endpointsOf, isListedReady, sliceService } from '../traffic.ts';
import type { MinReady } from '../request.ts';
import type { Snapshot } from '../snapshot.ts';

/** Ready others that must remain; of percent, rounded up as a PodDisruptionBudget does. */
export function neededOthers(minReady: MinReady | undefined, readyNow: number): number {
  if (!minReady) return 1;
  return 'count' in minReady ? minReady.count : Math.ceil((minReady.percent * readyNow) / 100);
}

/**
 * How many others carry a Service's traffic. `publishNotReadyAddresses` lists Pods as ready that are
 * not: `serving` tells (KEP-1672).
 */
export function servingOthers(
  service: string,
  { slices, pod }: Pick<Snapshot, 'slices' | 'pod'>,
): number {
  const others = new Set<string>();
  for (const slice of slices) {
    if (sliceService(slice) !== service) continue;
    const own = new Set(endpointsOf(slice, pod));
    for (const endpoint of slice.endpoints ?? []) {
      if (own.has(endpoint) || !isListedReady(endpoint)) continue;
      if (endpoint.conditions?.serving === false) continue;
      // A Pod of two address families is listed twice.
      for (const address of endpoint.addresses) others.add(endpoint.targetRef?.uid ?? address);
    }
  }
  return others.size;
}
