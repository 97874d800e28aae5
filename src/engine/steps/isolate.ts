import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { describePeers, type ConnectionLog } from '../sockets/connections.ts';
import { PitstopError } from '../errors.ts';
import type { SocketWatch } from '../sockets/socket-watch.ts';
import { endpointsOf, takesTraffic } from '../plan/traffic.ts';
import type { Stop } from './stop.ts';
import { watchUntil } from './watch-until.ts';

const slicesTimeoutMs = 30_000;
const settleTimeoutMs = 30_000;
const lookEveryMs = 200;

/** Waits until no EndpointSlice of the namespace offers the Pod any more. */
export async function proveSlices(stop: Stop, pod: Pod): Promise<void> {
  const { kube, namespace, name, signal } = stop;
  const listing = (slices: readonly EndpointSlice[]) =>
    slices.filter((slice) => endpointsOf(slice, pod).some(takesTraffic));
  await watchUntil<EndpointSlice, true>(
    kube,
    'endpointslices',
    {
      namespace,
      signal,
      timeoutMs: slicesTimeoutMs,
      onTimeout: (slices) =>
        new PitstopError(
          'isolation-unproven',
          `pod ${namespace}/${name}: still listed by endpointslice ` +
            `${listing(slices)
              .map(({ metadata }) => metadata?.name)
              .join(', ')} after ${slicesTimeoutMs / 1000} s`,
          { hint: `kubectl get endpointslices -n ${namespace} -o yaml` },
        ),
    },
    (slices) => (listing(slices).length === 0 ? true : undefined),
  );
}

/**
 * Looks at the Pod's sockets until no new connection has come for `settleMs`: a data plane needs a
 * moment after the slices (kube-proxy syncs at most once a second).
 */
export async function proveQuiet(
  stop: Stop,
  sockets: SocketWatch,
  settleMs: number,
): Promise<ConnectionLog> {
  const { namespace, name, signal } = stop;
  const begun = Date.now();
  let quietSince = begun;
  for (;;) {
    const log = await sockets.look(signal);
    const now = Date.now();
    if (log.fresh.length > 0) quietSince = now;
    if (now - quietSince >= settleMs) return log;
    if (now - begun >= settleTimeoutMs) {
      throw new PitstopError(
        'isolation-unproven',
        `pod ${namespace}/${name}: new connections still come from ${describePeers(log.fresh)}, ` +
          `though no EndpointSlice lists the Pod`,
        {
          hint: 'these clients do not go through a Service; --drain=best-effort goes on all the same',
        },
      );
    }
    await sleep(Math.min(lookEveryMs, settleMs), undefined, { signal });
  }
}
