import type { Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { PitstopError } from '../errors.ts';
import { neededOthers, servingOthers } from '../plan/interlocks/remaining.ts';
import type { Plan } from '../plan/plan.ts';
import { sliceService } from '../plan/traffic.ts';
import type { SessionRequest } from '../plan/request.ts';
import { plural } from '../words.ts';

/**
 * Throws `service-emptied` when a Service has fewer ready endpoints left than the plan was made with:
 * two sessions that looked at the same moment each counted on the other's Pod.
 */
export function checkStillServed(
  { metadata, status }: Plan,
  { overrides = [], minReady }: Pick<SessionRequest, 'overrides' | 'minReady'>,
  { pod, slices }: { readonly pod: Pod; readonly slices: readonly EndpointSlice[] },
): void {
  if (overrides.includes('last-endpoint')) return;
  for (const { name, readyEndpoints, readyOthers } of status.services) {
    if (readyEndpoints === readyOthers) continue;
    // Its controller leaves an empty slice to a Service without endpoints: without any, it is gone.
    if (!slices.some((slice) => sliceService(slice) === name)) continue;
    const others = servingOthers(name, { pod, slices });
    const needed = neededOthers(minReady, readyEndpoints);
    if (others >= needed) continue;
    throw new PitstopError(
      'service-emptied',
      `service/${name} has ${plural(others, 'other ready endpoint')} left, and ${needed} must remain: ` +
        `somebody else has taken one out, or lost it, since pod ${metadata.namespace}/${metadata.name} was looked at`,
      { hint: `kubectl pitstop status ${name} -n ${metadata.namespace}` },
    );
  }
}
