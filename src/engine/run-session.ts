import type { Kube } from '../kube/index.ts';
import { conclude } from './steps/conclude.ts';
import type { ConnectionLog } from './sockets/connections.ts';
import { checkHome } from './check-home.ts';
import { acceptsAnyRoom, checkPreflight } from './check-preflight.ts';
import type { ChosenDiagnostic } from './diagnostics/choose-diagnostic.ts';
import { DriftWatch } from './session/drift.ts';
import { PitstopError } from './errors.ts';
import { deletesOf, refuseKeeping } from './plan/parting.ts';
import { readSiblings } from './routes/release/owned-pods.ts';
import { refuseInterlocked } from './plan/interlocks/refuse.ts';
import type { Emit } from './session/events.ts';
import type { AskOnDrainTimeout } from './steps/drain.ts';
import { leave } from './steps/leave.ts';
import { checkStillServed } from './steps/still-served.ts';
import { newRecord, newSession, prepare, type Prepared } from './session/prepare.ts';
import type { UndoRecord } from './session/record.ts';
import { defaults, type SessionRequest } from './plan/request.ts';
import type { Session } from './session/session.ts';
import { confirmHeld, SessionLease } from './session/session-lease.ts';
import { describeError, SessionLog } from './session/session-log.ts';
import { bringHome } from './steps/bring-home.ts';
import { checkDestination } from './steps/collect.ts';
import { diagnose } from './steps/diagnose.ts';
import type { Stop } from './steps/stop.ts';
import { plural } from './words.ts';

export interface SessionOptions {
  /** The first interruption: the session stops its work, brings the Pod home and resolves. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: Emit | undefined;
  /** Told before the session begins of what takes its time: an ephemeral container that starts. */
  readonly onPreparing?: ((message: string) => void) | undefined;
  /** Asked when connections are still open at the drain timeout; without it the drain mode decides. */
  readonly onDrainTimeout?: AskOnDrainTimeout | undefined;
}

/**
 * The whole pit stop: isolate, drain, diagnose, collect, restore. Throws as long as nothing has been
 * touched (usage, interlocks, nothing to run); after the first write it always resolves, with
 * `status.error` when something failed and `status.podOut` when the Pod could not be brought back.
 */
export async function runSession(
  kube: Kube,
  request: SessionRequest,
  {
    signal = new AbortController().signal,
    onEvent,
    onPreparing,
    onDrainTimeout,
  }: SessionOptions = {},
): Promise<Session> {
  const diagnosticName = request.command ? 'command' : (request.diagnostic ?? 'auto');
  const output = request.output ?? defaults.output;
  // Before anything is added to the Pod.
  const destination = await checkDestination(output);
  await using prepared = await prepare(kube, request, {
    diagnostic: diagnosticName,
    signal,
    onPreparing,
  });
  const { sockets, chosen } = prepared;
  if (!chosen) throw new PitstopError('diagnostic-unavailable', 'there is nothing to run');
  refuseKeeping(prepared.plan, request);

  const { target, pod } = prepared;
  const checked = await checkPreflight(prepared.plan, { target, pod, chosen, request, signal });
  refuseInterlocked(checked);
  await checkHome(destination, checked, request);
  const plan = { ...checked, status: { ...checked.status, diagnostic: chosen.diagnostic.name } };
  const session = newSession(plan, chosen.diagnostic.name, request);
  const log = new SessionLog(session, onEvent);
  const siblings = await readSiblings(kube, prepared, signal);
  const record = newRecord(kube, { ...prepared, siblings }, session);
  log.emit({ type: 'session-started', session, plan });
  for (const message of plan.status.warnings) log.emit({ type: 'warning', message });

  const stop: Stop = { kube, namespace: request.namespace, name: prepared.target.pod, signal };
  const { restoreTimeoutMs } = request;
  return await conclude(
    log,
    stop,
    { sockets, record, restoreTimeoutMs, deletes: deletesOf(request) },
    () => work({ prepared, chosen, record, request, output, log, onDrainTimeout }, stop),
  );
}

interface Work {
  readonly prepared: Prepared;
  readonly chosen: ChosenDiagnostic;
  readonly record: UndoRecord;
  readonly request: SessionRequest;
  readonly output: string;
  readonly log: SessionLog;
  readonly onDrainTimeout: AskOnDrainTimeout | undefined;
}

/** What is said, and does not end the work once it has begun. */
const bearable: ReadonlySet<string> = new Set(['drift', 'service-emptied']);

/** From the isolating write until the artifact is home, watched for drift all the while. */
async function work(context: Work, { kube, namespace, name, signal }: Stop): Promise<void> {
  const { prepared, record, request, log } = context;
  const { target, pod } = prepared;
  const drifted = new AbortController();
  let disruptive = false;
  const stop: Stop = {
    kube,
    namespace,
    name,
    signal: AbortSignal.any([signal, drifted.signal]),
  };
  const warn = (error: unknown) =>
    log.emit({ type: 'warning', message: describeError(error).message });
  await using held = new AsyncDisposableStack();
  const told = new Set<string>();
  const onDrift = (error: PitstopError) => {
    // The lease and the watch may both notice.
    if (told.has(error.message)) return;
    told.add(error.message);
    // Once the work has begun, stopping it saves nobody: the evidence is kept, and it is said.
    if (disruptive && bearable.has(error.code)) warn(error);
    else drifted.abort(error);
  };
  const onOut = () => {
    const onAsleep = (message: string) => log.emit({ type: 'warning', message });
    held.use(new SessionLease(kube, { namespace, name }, record, { onLost: onDrift, onAsleep }));
    held.use(
      new DriftWatch(kube, pod, {
        container: target.container,
        record,
        onDrift,
        onBlind: warn,
        checkSlices: (slices) => checkStillServed(prepared.plan, request, { pod, slices }),
      }),
    );
  };
  const connections = await leave(stop, {
    prepared,
    record,
    request,
    log,
    held,
    onOut,
    onDrainTimeout: context.onDrainTimeout,
  });
  stop.signal.throwIfAborted();
  await confirmHeld(stop, record);
  disruptive = true;
  await gather(context, stop);
  await countNewConnections(context, stop, connections);
}

/** Steps `diagnose` and, if there is something to bring home, `collect`. */
async function gather(work: Work, stop: Stop): Promise<void> {
  const { prepared, chosen, request, output, log } = work;
  const { target } = prepared;
  const { result, remote, said } = await log.step('diagnose', stop.signal, async () => {
    const value = await diagnose({
      target,
      chosen,
      sessionId: log.session.metadata.name,
      timeoutMs: chosen.timeoutMs,
      keepRemote: request.keepRemote,
      onKept: (directory) =>
        log.emit({
          type: 'warning',
          message: `what ${chosen.diagnostic.name} had made is left in the container: ${directory}`,
        }),
      anyRoom: acceptsAnyRoom(request),
      signal: stop.signal,
      onProgress: ({ message, doneBytes, totalBytes }) =>
        log.progress('diagnose', message, { done: doneBytes, total: totalBytes }),
    });
    return { message: value.message, value, failed: (value.result.exitCode ?? 0) !== 0 };
  });
  log.emit({ type: 'diagnostic', diagnostic: result });
  if (remote) {
    await bringHome(log, {
      target,
      remote,
      destination: output,
      keepRemote: request.keepRemote ?? false,
      compress: request.compress,
      store: request.store,
      signal: stop.signal,
    });
  } else {
    log.emit({ type: 'step-skipped', step: 'collect', message: 'the diagnostic left no file' });
  }
  // What it left is home by now: a failed command's output is what explains it.
  if (result.exitCode !== undefined && result.exitCode !== 0) {
    const where = log.session.status.artifact?.path;
    throw new PitstopError(
      'diagnostic-failed',
      `${result.tool} exited with code ${result.exitCode}${said ? `; it said:\n${said}` : ''}`,
      {
        ...(where && { hint: `what it left is in ${where}` }),
      },
    );
  }
}

/** Says how many connections came in after the proof: zero, or the proof was worth less than it said. */
async function countNewConnections(
  { prepared, log }: Work,
  stop: Stop,
  atProof: ConnectionLog,
): Promise<void> {
  const { isolation } = log.session.status;
  if (!isolation?.connections) return;
  let now: ConnectionLog;
  try {
    now = await prepared.sockets.look(stop.signal);
  } catch (error) {
    stop.signal.throwIfAborted();
    // All is done and home: what cannot be counted is said, and is no reason to fail.
    log.emit({
      type: 'warning',
      message: `connections since the proof could not be counted: ${describeError(error).message}`,
    });
    return;
  }
  const newSince = now.seen.size - atProof.seen.size;
  log.emit({
    type: 'isolation',
    isolation: { ...isolation, connections: { ...isolation.connections, newSince } },
  });
  if (newSince > 0) {
    log.emit({
      type: 'warning',
      message: `${plural(newSince, 'connection')} reached the Pod while it was out`,
    });
  }
}
