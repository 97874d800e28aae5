import type { ConnectionLog } from '../sockets/connections.ts';
import { PitstopError } from '../errors.ts';
import type { Prepared } from '../session/prepare.ts';
import type { UndoRecord } from '../session/record.ts';
import { defaults, type SessionRequest } from '../plan/request.ts';
import type { SessionLog } from '../session/session-log.ts';
import type { Isolation } from '../session/session.ts';
import { drain } from './drain.ts';
import { proveQuiet, proveSlices } from './isolate.ts';
import { plural } from '../words.ts';
import { routes } from '../routes/index.ts';
import type { Stop } from './stop.ts';

/**
 * Steps `isolate` and `drain`: the write, then its proof from all slices and from the sockets. When
 * it returns, the Pod is proven out.
 */
export async function leave(
  stop: Stop,
  prepared: Prepared,
  record: UndoRecord,
  request: SessionRequest,
  log: SessionLog,
  /** What the route has to keep going as long as the Pod is out. */
  held: AsyncDisposableStack,
  /** Called once the isolating write is in: from then on the session has something to guard. */
  onOut: () => void = () => undefined,
): Promise<ConnectionLog> {
  const { pod, plan, sockets, connectionsAtStart } = prepared;
  const { services } = plan.status;
  const isolation: Isolation = {
    services: services.map(({ name }) => name),
    slices: services.flatMap(({ slices }) => slices),
  };
  const mode = request.drain ?? defaults.drain;

  await log.step('isolate', stop.signal, async () => {
    const leaving = {
      pod,
      plan,
      record,
      onOut: () => log.emit({ type: 'pod-out' }),
      onWarning: (message: string) => log.emit({ type: 'warning', message }),
    };
    await routes[plan.status.route.name].isolate(stop, leaving, held);
    onOut();
    if (services.length === 0) return { message: 'no Service sends it traffic', value: undefined };
    log.progress('isolate', 'waiting for every EndpointSlice to let the Pod go');
    await proveSlices(stop, pod);
    log.progress('isolate', 'watching the sockets for new connections');
    let quiet = 'no new connection';
    try {
      await proveQuiet(stop, sockets, request.settleMs ?? defaults.settleMs);
    } catch (error) {
      if (mode === 'strict' || !(error instanceof PitstopError)) throw error;
      log.emit({ type: 'warning', message: error.message });
      quiet = 'new connections still come';
    }
    log.emit({ type: 'isolation', isolation });
    return {
      message: `out of ${isolation.services.join(', ')}: ${plural(isolation.slices.length, 'EndpointSlice')} let it go, ${quiet}`,
      value: undefined,
    };
  });

  return log.step('drain', stop.signal, async () => {
    const { log: connections, drained } = await drain(stop, sockets, {
      mode,
      timeoutMs: request.drainTimeoutMs ?? defaults.drainTimeoutMs,
      onProgress: (message) => log.progress('drain', message),
    });
    const open = connections.open.length;
    // A drain can take minutes: whatever began to list the Pod meanwhile would spoil the proof.
    if (services.length > 0) await proveSlices(stop, pod);
    if (!drained)
      log.emit({ type: 'warning', message: `${plural(open, 'connection')} still open` });
    log.emit({
      type: 'isolation',
      isolation: {
        ...isolation,
        provenAt: new Date().toISOString(),
        connections: { atStart: connectionsAtStart, atProof: open, newSince: 0 },
      },
    });
    return {
      message: drained
        ? `${plural(connectionsAtStart, 'connection')} at the start, none open`
        : `${plural(open, 'connection')} still open`,
      value: connections,
    };
  });
}
