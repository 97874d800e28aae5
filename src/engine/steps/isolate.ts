import { setTimeout as sleep } from 'node:timers/promises';
import { PitstopError } from '../errors.ts';
import { describePeers } from '../sockets/describe-peers.ts';
import type { ConnectionLog } from '../sockets/connections.ts';
import type { SocketWatch } from '../sockets/socket-watch.ts';
import { pauseAfter } from './look-pace.ts';
import type { SliceWatch } from './slice-watch.ts';
import type { Stop } from './stop.ts';

const settleTimeoutMs = 30_000;

/**
 * Looks at the Pod's sockets until no new connection has come for `settleMs` after the slices let it
 * go: a data plane needs a moment after them (kube-proxy syncs at most once a second). The last look
 * and a last list of the slices are taken together, so that both are of the same moment.
 */
export async function proveQuiet(
  stop: Stop,
  sockets: SocketWatch,
  slices: SliceWatch,
  settleMs: number,
): Promise<ConnectionLog> {
  const { namespace, name, signal } = stop;
  const begunMs = performance.now();
  let quietSinceMs = begunMs;
  // What came while the slices still had the Pod is no news; from here on it is.
  let log = await sockets.look(signal);
  if (log.fresh.length > 0) quietSinceMs = performance.now();
  let last = log.fresh;
  for (;;) {
    const lookMs = performance.now();
    const isLast = lookMs - quietSinceMs >= settleMs;
    const [next] = await Promise.all([sockets.look(signal), isLast && slices.confirm()]);
    log = next;
    const nowMs = performance.now();
    if (log.fresh.length > 0) {
      last = log.fresh;
      // A connection from the node counts late, but has been there since it was first seen.
      const newestMs = Math.max(...log.fresh.map(({ sinceMs }) => sinceMs));
      quietSinceMs = Math.max(quietSinceMs, newestMs);
    }
    if (isLast && nowMs - quietSinceMs >= settleMs) return log;
    if (nowMs - begunMs >= settleTimeoutMs + settleMs) {
      const peers = describePeers(last.map(({ connection }) => connection));
      throw new PitstopError(
        'isolation-unproven',
        `pod ${namespace}/${name}: new connections still come from ${peers}, ` +
          `though no EndpointSlice lists the Pod`,
        {
          hint: 'these clients do not go through a Service; --drain=best-effort goes on all the same',
        },
      );
    }
    const untilLastMs = Math.max(0, quietSinceMs + settleMs - performance.now());
    const pauseMs = Math.min(pauseAfter(nowMs - lookMs), untilLastMs);
    await sleep(Math.ceil(pauseMs), undefined, { signal });
  }
}
