import type { Kube } from '../kube/index.ts';
import { conclude } from './steps/conclude.ts';
import { leave } from './steps/leave.ts';
import { newRecord, newSession, prepare } from './session/prepare.ts';
import { defaults, type SessionRequest } from './plan/request.ts';
import { readSiblings } from './routes/release/owned-pods.ts';
import type { SessionOptions } from './run-session.ts';
import type { Session } from './session/session.ts';
import { SessionLog } from './session/session-log.ts';
import type { Stop } from './steps/stop.ts';

/**
 * Takes the Pod out and leaves it out, until `restorePods` (or the deadline in the record, after
 * which it counts as expired). If it cannot be proven out, it is put back. Throws and resolves like
 * `runSession`.
 */
export async function isolatePod(
  kube: Kube,
  request: SessionRequest,
  {
    signal = new AbortController().signal,
    onEvent,
    onPreparing,
    onDrainTimeout,
  }: SessionOptions = {},
): Promise<Session> {
  await using prepared = await prepare(kube, request, { diagnostic: 'none', signal, onPreparing });
  const planned = newSession(prepared.plan, 'none');
  const siblings = await readSiblings(kube, prepared, signal);
  const record = newRecord(
    kube,
    { ...prepared, siblings },
    planned,
    request.ttlMs ?? defaults.ttlMs,
  );
  const { deadline } = record;
  const session = { ...planned, spec: { ...planned.spec, ...(deadline && { deadline }) } };
  const log = new SessionLog(session, onEvent);
  log.emit({ type: 'session-started', session, plan: prepared.plan });
  for (const message of prepared.plan.status.warnings) log.emit({ type: 'warning', message });

  const stop: Stop = { kube, namespace: request.namespace, name: prepared.target.pod, signal };
  const { sockets } = prepared;
  const { restoreTimeoutMs } = request;
  return await conclude(
    log,
    stop,
    { sockets, record, restoreTimeoutMs, staysOut: true },
    async () => {
      await using held = new AsyncDisposableStack();
      await leave(stop, { prepared, record, request, log, held, onDrainTimeout });
      for (const step of ['diagnose', 'collect', 'restore'] as const) {
        log.emit({ type: 'step-skipped', step, message: 'isolate leaves the Pod out' });
      }
    },
  );
}
