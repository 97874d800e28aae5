import type { ConnectionLog } from '../sockets/connections.ts';
import { PeerNames } from '../sockets/name-peers.ts';
import { PitstopError } from '../errors.ts';
import type { Prepared } from '../session/prepare.ts';
import type { UndoRecord } from '../session/record.ts';
import { defaults, type SessionRequest } from '../plan/request.ts';
import type { SessionLog } from '../session/session-log.ts';
import type { Isolation } from '../session/session.ts';
import { closeIdleDuring } from './close-idle.ts';
import { runDrainHooks } from './drain-app.ts';
import { checkRoom, keepWithin } from '../fleet/max-out.ts';
import { drain, type AskOnDrainTimeout } from './drain.ts';
import { proveQuiet } from './isolate.ts';
import { SliceWatch } from './slice-watch.ts';
import { checkStillServed } from './still-served.ts';
import { plural } from '../words.ts';
import { takeEntriesOut } from '../routes/handmade/entries.ts';
import { routes } from '../routes/index.ts';
import type { Stop } from './stop.ts';

interface Departure {
  readonly prepared: Prepared;
  readonly record: UndoRecord;
  readonly request: SessionRequest;
  readonly log: SessionLog;
  /** What the route has to keep going as long as the Pod is out. */
  readonly held: AsyncDisposableStack;
  /** Called once the isolating write is in: from then on the session has something to guard. */
  readonly onOut?: () => void;
  readonly onDrainTimeout?: AskOnDrainTimeout | undefined;
}

/**
 * Steps `isolate` and `drain`: the write, then its proof from all slices and from the sockets. When
 * it returns, the Pod is proven out.
 */
export async function leave(stop: Stop, departure: Departure): Promise<ConnectionLog> {
  const { prepared, log, request } = departure;
  // While the diagnostic runs, nothing of ours shall run in the container but the diagnostic.
  await using sockets = prepared.sockets;
  const { pod, plan } = prepared;
  await using slices = new SliceWatch(stop, pod, (all) =>
    checkStillServed(plan, request, { pod, slices: all }),
  );
  const peerNames = new PeerNames(stop.kube, stop.namespace, pod);
  const quiet = await log.step('isolate', stop.signal, () =>
    isolate(stop, departure, { slices, peerNames }),
  );
  return await log.step('drain', stop.signal, async () => {
    const first = quiet ?? (await sockets.look(stop.signal));
    const { message, connections } = await empty(stop, departure, { slices, peerNames, first });
    return { message, value: connections };
  });
}

/** The write and the proof that nothing new arrives; resolves with the look that proved it. */
async function isolate(
  stop: Stop,
  departure: Departure,
  { slices, peerNames }: { readonly slices: SliceWatch; readonly peerNames: PeerNames },
): Promise<{ readonly message: string; readonly value: ConnectionLog | undefined }> {
  const { prepared, record, request, log, held, onOut } = departure;
  const { pod, plan, sockets } = prepared;
  const leaving = {
    pod,
    plan,
    record,
    onOut: () => log.emit({ type: 'pod-out' }),
    onWarning: (message: string) => log.emit({ type: 'warning', message }),
  };
  // Looked for once more, so that two seldom go home for each other's sake.
  await checkRoom(stop.kube, request, stop.signal);
  await routes[plan.status.route.name].isolate(stop, leaving, held);
  await takeEntriesOut(stop, pod, record);
  onOut?.();
  await keepWithin(stop, request, {
    record,
    onProgress: (message) => log.progress('isolate', message),
  });
  const isolation = isolationOf(prepared);
  if (isolation.services.length === 0) {
    return { message: 'no Service sends it traffic', value: undefined };
  }
  log.progress('isolate', 'waiting for every EndpointSlice to let the Pod go');
  await slices.letGo();
  log.progress('isolate', 'watching the sockets for new connections');
  const { log: value, unquiet } = await proveQuiet(stop, {
    sockets,
    slices,
    peerNames,
    settleMs: request.settleMs ?? defaults.settleMs,
  });
  if (unquiet) {
    if ((request.drain ?? defaults.drain) === 'strict') throw unquiet;
    log.emit({ type: 'warning', message: unquiet.message });
  }
  log.emit({ type: 'isolation', isolation });
  const news = unquiet ? 'new connections still come' : 'no new connection';
  return {
    message: `out of ${isolation.services.join(', ')}: ${plural(isolation.slices.length, 'EndpointSlice')} let it go, ${news}`,
    value,
  };
}

/** Waits for what is still connected, and says when the Pod was proven out. */
async function empty(
  stop: Stop,
  { prepared, request, log, onDrainTimeout }: Departure,
  {
    slices,
    peerNames,
    first,
  }: {
    readonly slices: SliceWatch;
    readonly peerNames: PeerNames;
    readonly first: ConnectionLog;
  },
): Promise<{ readonly message: string; readonly connections: ConnectionLog }> {
  const { target, sockets, debug, connectionsAtStart } = prepared;
  const isolation = isolationOf(prepared);
  const hasHooks = await askApp(stop, { prepared, request, log });
  const begun = hasHooks ? await sockets.look(stop.signal) : first;
  const drainNow = (during: Stop) =>
    drain(during, sockets, begun, {
      mode: request.drain ?? defaults.drain,
      timeoutMs: request.drainTimeoutMs ?? defaults.drainTimeoutMs,
      peerNames,
      onDrainTimeout,
      onProgress: (message) => log.progress('drain', message),
    });
  let severed = 0;
  const { severIdleMs: idleMs } = request;
  const { log: connections, drained } =
    debug && idleMs !== undefined && begun.open.length > 0
      ? await closeIdleDuring(
          stop,
          { ...target, container: debug.name },
          {
            ports: sockets.ports,
            idleMs,
            onClosed: (peers) => {
              severed += peers.length;
              log.progress('drain', `closed ${plural(severed, 'idle connection')}`);
            },
          },
          drainNow,
        )
      : await drainNow(stop);
  const open = connections.open.length;
  // A drain can take minutes: whatever began to list the Pod meanwhile would spoil the proof.
  if (connections !== first && isolation.services.length > 0) await slices.confirm();
  if (!drained) log.emit({ type: 'warning', message: `${plural(open, 'connection')} still open` });
  log.emit({
    type: 'isolation',
    isolation: {
      ...isolation,
      provenAt: new Date().toISOString(),
      connections: {
        atStart: connectionsAtStart,
        atProof: open,
        ...(idleMs !== undefined && { severed }),
        newSince: 0,
      },
    },
  });
  const ended = drained
    ? `${plural(connectionsAtStart, 'connection')} at the start, none open`
    : `${plural(open, 'connection')} still open`;
  const closed = severed > 0 ? `, ${plural(severed, 'idle one')} closed by us` : '';
  return { message: ended + closed, connections };
}

/** Runs the drain hooks, now that nobody new comes; false when there are none. */
async function askApp(
  stop: Stop,
  { prepared, request, log }: Pick<Departure, 'prepared' | 'request' | 'log'>,
): Promise<boolean> {
  const { target, pod } = prepared;
  const { drainHooks: hooks = [] } = request;
  if (hooks.length === 0) return false;
  const onProgress = (message: string) => log.progress('drain', message);
  try {
    await runDrainHooks(stop, target, { pod, hooks, onProgress });
  } catch (error) {
    const isStrict = (request.drain ?? defaults.drain) === 'strict';
    if (isStrict || !(error instanceof PitstopError)) throw error;
    log.emit({ type: 'warning', message: error.message });
  }
  return true;
}

function isolationOf({ plan }: Prepared): Isolation {
  const { services } = plan.status;
  return {
    services: services.map(({ name }) => name),
    slices: services.flatMap((service) => service.slices),
  };
}
