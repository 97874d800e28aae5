import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../kube/index.ts';
import type { ConnectionLog } from '../sockets/connections.ts';
import { PitstopError } from '../errors.ts';
import type { Prepared } from '../session/prepare.ts';
import { readRecord, type UndoRecord } from '../session/record.ts';
import { defaults, type SessionRequest } from '../plan/request.ts';
import type { SessionLog } from '../session/session-log.ts';
import type { Isolation } from '../session/session.ts';
import { drain } from './drain.ts';
import { proveQuiet, proveSlices, takeOut } from './isolate.ts';
import { plural } from '../words.ts';
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

  await log.step('isolate', async () => {
    await writeOut(stop, pod, prepared, record, log);
    onOut();
    if (services.length === 0) return { message: 'no Service sends it traffic', value: undefined };
    log.progress('isolate', 'waiting for every EndpointSlice to let the Pod go');
    await proveSlices(stop, pod);
    log.progress('isolate', 'watching the sockets for new connections');
    try {
      await proveQuiet(stop, sockets, request.settleMs ?? defaults.settleMs);
    } catch (error) {
      if (mode === 'strict' || !(error instanceof PitstopError)) throw error;
      log.emit({ type: 'warning', message: error.message });
    }
    log.emit({ type: 'isolation', isolation });
    return {
      message: `out of ${isolation.services.join(', ')}: ${plural(isolation.slices.length, 'EndpointSlice')} let it go, no new connection`,
      value: undefined,
    };
  });

  return log.step('drain', async () => {
    const { log: connections, drained } = await drain(stop, sockets, {
      mode,
      timeoutMs: request.drainTimeoutMs ?? defaults.drainTimeoutMs,
      onProgress: (message) => log.progress('drain', message),
    });
    const open = connections.open.length;
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

/**
 * The isolating write is never aborted half-way: an answer that got lost is looked up, because a
 * Pod that is out must be known to be out.
 */
async function writeOut(
  stop: Stop,
  pod: Pod,
  { plan }: Prepared,
  record: UndoRecord,
  log: SessionLog,
): Promise<void> {
  stop.signal.throwIfAborted();
  try {
    await takeOut(stop, pod, plan, record);
    log.emit({ type: 'pod-out' });
  } catch (error) {
    if (error instanceof PitstopError || (error instanceof KubeError && isRefusal(error)))
      throw error;
    if (await mayBeOut(stop, record)) log.emit({ type: 'pod-out' });
    throw error;
  }
}

function isRefusal({ code }: KubeError): boolean {
  return ['forbidden', 'unauthorized', 'invalid', 'not-found', 'conflict'].includes(code);
}

async function mayBeOut({ kube, namespace, name }: Stop, record: UndoRecord): Promise<boolean> {
  try {
    const pod = await kube.get<Pod>({ resource: 'pods', namespace, name });
    return pod !== undefined && readRecord(pod)?.id === record.id;
  } catch {
    return true;
  }
}
