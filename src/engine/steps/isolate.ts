import { setTimeout as sleep } from 'node:timers/promises';
import { PitstopError } from '../errors.ts';
import { describePeers } from '../sockets/describe-peers.ts';
import type { ConnectionLog } from '../sockets/connections.ts';
import type { PeerNames } from '../sockets/name-peers.ts';
import type { SocketWatch } from '../sockets/socket-watch.ts';
import { pauseAfter } from './look-pace.ts';
import type { SliceWatch } from './slice-watch.ts';
import type { Stop } from './stop.ts';

const settleTimeoutMs = 30_000;

interface Quiet {
  readonly log: ConnectionLog;
  /** New connections would not end: what a strict stop fails with. */
  readonly unquiet?: PitstopError;
}

/**
 * Looks at the Pod's sockets until no new connection has come for `settleMs` after the slices let it
 * go: a data plane needs a moment after them (kube-proxy syncs at most once a second). The last look
 * and a last list of the slices are taken together, so that both are of the same moment.
 */
export async function proveQuiet(
  stop: Stop,
  {
    sockets,
    slices,
    peerNames,
    settleMs,
  }: {
    readonly sockets: SocketWatch;
    readonly slices: SliceWatch;
    readonly peerNames: PeerNames;
    readonly settleMs: number;
  },
): Promise<Quiet> {
  const { signal } = stop;
  const begunMs = performance.now();
  let quietSinceMs = begunMs;
  // What came while the slices still had the Pod is no news; from here on it is.
  let log = await sockets.look(signal);
  if (log.fresh.length > 0) quietSinceMs = performance.now();
  let last = log.fresh;
  for (;;) {
    const lookMs = performance.now();
    const isOver = lookMs - begunMs >= settleTimeoutMs + settleMs;
    const isLast = lookMs - quietSinceMs >= settleMs;
    [log] = await Promise.all([sockets.look(signal), (isLast || isOver) && slices.confirm()]);
    const nowMs = performance.now();
    const beyond = isLast ? sockets.beyondProbes(quietSinceMs) : [];
    const news = [...log.fresh, ...beyond];
    if (news.length > 0) {
      last = news;
      // A connection from the node counts late, but has been there since it was first seen.
      const newestMs = Math.max(...news.map(({ sinceMs }) => sinceMs));
      quietSinceMs = Math.max(quietSinceMs, newestMs);
    }
    if (isLast && nowMs - quietSinceMs >= settleMs) return { log };
    if (isOver) {
      const peers = last.map(({ connection }) => connection);
      const names = await peerNames.of(peers, signal);
      return { log, unquiet: stillComing(stop, describePeers(peers, names)) };
    }
    const untilLastMs = Math.max(0, quietSinceMs + settleMs - performance.now());
    const pauseMs = Math.min(pauseAfter(nowMs - lookMs), untilLastMs);
    await sleep(Math.ceil(pauseMs), undefined, { signal });
  }
}

function stillComing({ namespace, name }: Stop, peers: string): PitstopError {
  return new PitstopError(
    'isolation-unproven',
    `pod ${namespace}/${name}: new connections still come from ${peers}, ` +
      `though no EndpointSlice lists the Pod`,
    {
      hint: 'these clients do not go through a Service; --drain=best-effort goes on all the same',
    },
  );
}
