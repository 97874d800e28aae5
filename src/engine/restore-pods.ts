import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../kube/index.ts';
import { comeBack } from './steps/come-back.ts';
import { findLeftovers } from './diagnostics/index.ts';
import { endEphemeral } from './container/ephemeral.ts';
import { reopenWay } from './container/open-way.ts';
import type { Target } from './container/target.ts';
import { PitstopError } from './errors.ts';
import type { Emit } from './session/events.ts';
import { deletesOf, type Deletes } from './plan/parting.ts';
import type { Plan } from './plan/plan.ts';
import { defaults, type SessionRequest } from './plan/request.ts';
import { findHeld, type WhichPods } from './session/find-held.ts';
import type { UndoRecord } from './session/record.ts';
import { finish } from './session/finish.ts';
import { leaseSeconds } from './session/session-lease.ts';
import type { Session } from './session/session.ts';
import { describeError, SessionLog } from './session/session-log.ts';
import { stepNames } from './session/session.ts';
import { openSocketWatch } from './sockets/open-socket-watch.ts';
import type { SocketWatch } from './sockets/socket-watch.ts';
import { putRight } from './steps/put-right.ts';
import type { Stop } from './steps/stop.ts';

export interface RestoreRequest extends WhichPods {
  readonly restoreTimeoutMs?: number | undefined;
  /** Route `release`: as in `SessionRequest`. A Pod that still holds what its session made is kept. */
  readonly keep?: SessionRequest['keep'];
  readonly whenUnwanted?: SessionRequest['whenUnwanted'];
  /** Remove what the session left in the container, its artifact included; else it is only named. */
  readonly clean?: boolean | undefined;
}

/**
 * Brings Pods home from their undo records alone: after a crash, on another machine, by another
 * user. Resolves with one session per Pod; throws only when nothing was touched.
 */
export async function restorePods(
  kube: Kube,
  request: RestoreRequest,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onEvent?: Emit | undefined;
    /** Told what the judgement of leases and deadlines takes: a minute or more, another clock. */
    readonly onWait?: ((message: string) => void) | undefined;
  } = {},
): Promise<readonly Session[]> {
  const signal = options.signal ?? new AbortController().signal;
  const held = await findHeld(kube, request, { signal, onWait: options.onWait });
  const sessions: Session[] = [];
  // One after the other: two Pods of one owner coming home at once would race for the surplus.
  for (const { pod, record } of held) {
    sessions.push(
      record instanceof PitstopError
        ? refuse(pod, record, options.onEvent)
        : await restoreOne(kube, pod, record, { ...options, signal, request }),
    );
  }
  return sessions;
}

/** A Pod whose record cannot be read stays as it is, and out. */
function refuse({ metadata }: Pod, problem: PitstopError, onEvent: Emit | undefined): Session {
  const { name = '', namespace = '', uid = '' } = metadata ?? {};
  const session = sessionOf(unknownRecord, { name, namespace, uid });
  const log = new SessionLog(session, onEvent);
  log.emit({ type: 'session-started', session, plan: planOf(session, unknownRecord) });
  return finish(log, { error: problem, interrupted: false });
}

const unknownRecord: UndoRecord = {
  id: 'unknown',
  by: 'unknown',
  startedAt: '',
  renewedAt: '',
  leaseSeconds,
  route: 'none',
  phase: 'out',
  labels: {},
  deletionCost: null,
  services: [],
  ports: [],
  container: '',
  diagnostic: 'unknown',
};

async function restoreOne(
  kube: Kube,
  pod: Pod,
  record: UndoRecord,
  {
    signal,
    onEvent,
    request,
  }: {
    readonly signal: AbortSignal;
    readonly onEvent?: Emit | undefined;
    readonly request: RestoreRequest;
  },
): Promise<Session> {
  const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
  const session = sessionOf(record, { name, namespace, uid });
  const log = new SessionLog(session, onEvent);
  log.emit({ type: 'session-started', session, plan: planOf(session, record) });
  const { container, remoteDirectory } = record;
  const bare: Target = { kube, namespace, pod: name, container, remoteDirectory };
  const { restoreTimeoutMs, clean = false } = request;
  const stop: Stop = { kube, namespace, name, signal };
  try {
    if (!pod.spec) {
      const timeoutMs = restoreTimeoutMs ?? defaults.restoreTimeoutMs;
      await putRight(stop, log, { record, timeoutMs });
      return finish(log, undefined);
    }
    const { helper } = record;
    const target = await reopenWay(bare, pod, { helper, signal });
    await using _ = {
      [Symbol.asyncDispose]: async () => {
        if (helper !== undefined) await endEphemeral({ ...bare, container: helper });
      },
    };
    const sockets = await socketsOf(target, pod, record, log, signal);
    const deletes = await mayDelete(target, record, request, signal);
    await comeBack(stop, log, { sockets, record, restoreTimeoutMs, deletes });
    if (log.session.status.restoration?.podDeleted) return finish(log, undefined);
    await tellLeftovers(target, record, log, { remove: clean, signal });
  } catch (error) {
    return finish(log, { error, interrupted: signal.aborted });
  }
  return finish(log, undefined);
}

/** Deleting a Pod deletes what its session left in it: that is done only with `--clean`. */
async function mayDelete(
  target: Target,
  { id }: UndoRecord,
  request: RestoreRequest,
  signal: AbortSignal,
): Promise<Deletes> {
  const deletes = deletesOf(request);
  if (deletes === 'never' || request.clean) return deletes;
  const { namespace, pod } = target;
  const left = await findLeftovers(target, { id, signal }).catch(() => undefined);
  signal.throwIfAborted();
  if (left?.length === 0) return deletes;
  const what = left
    ? `holds what its session made: ${left.map(({ path }) => path).join(', ')}`
    : 'cannot be looked into: what its session made may be there';
  throw new PitstopError('restore-failed', `pod ${namespace}/${pod} ${what}; it is not deleted`, {
    hint: `kubectl pitstop collect ${pod} PATH -n ${namespace}; --clean deletes it all the same`,
  });
}

/** Without them the Pod comes home all the same; only its first connection is not seen. */
async function socketsOf(
  target: Target,
  pod: Pod,
  { ports }: UndoRecord,
  log: SessionLog,
  signal: AbortSignal,
): Promise<SocketWatch | undefined> {
  try {
    return await openSocketWatch(target, pod, ports, signal);
  } catch (error) {
    signal.throwIfAborted();
    log.emit({ type: 'warning', message: describeError(error).message });
    return undefined;
  }
}

/** A dump cost a pause of the Pod: it is never thrown away unasked, and never left unsaid. */
async function tellLeftovers(
  target: Target,
  { id, helper }: UndoRecord,
  log: SessionLog,
  options: { readonly remove: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { namespace, pod, container } = target;
  if (helper !== undefined && !target.via) {
    log.emit({
      type: 'warning',
      message: `whether the session left something in container ${container} is not known: it has no shell, and ephemeral container ${helper}, through which it was worked on, has ended`,
    });
    return;
  }
  const leftovers = await findLeftovers(target, { id, ...options }).catch(() => []);
  const exec = target.via
    ? ''
    : `, or: kubectl exec ${pod} -n ${namespace} -c ${container} -- rm -r`;
  for (const { path, sizeBytes, isRunning } of leftovers) {
    const running = isRunning ? ', and what was started there still runs' : '';
    const what = `${path} (${Math.ceil(sizeBytes / 1_048_576)} MiB${running})`;
    log.emit({
      type: 'warning',
      message: options.remove
        ? `removed what the session had left in the container: ${what}`
        : `the session left ${what} in the container; fetch it with kubectl pitstop collect${exec && `${exec} ${path}`}`,
    });
  }
}

/** The session that a record tells of, as far as another process can know it. */
function sessionOf(
  record: UndoRecord,
  {
    name,
    namespace,
    uid,
  }: { readonly name: string; readonly namespace: string; readonly uid: string },
): Session {
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'Session',
    metadata: { name: record.id, namespace, creationTimestamp: record.startedAt },
    spec: {
      pod: name,
      podUid: uid,
      container: record.container,
      route: record.route,
      diagnostic: record.diagnostic,
    },
    status: {
      phase: 'Restoring',
      podOut: record.phase === 'out',
      steps: stepNames.map((step) => ({
        name: step,
        state: step === 'restore' ? ('pending' as const) : ('skipped' as const),
      })),
      route: { name: record.route, reasons: [`as recorded by ${record.by}`], rejected: [] },
      isolation: { services: record.services, slices: [] },
      warnings: [],
    },
  };
}

function planOf({ metadata, spec, status }: Session, record: UndoRecord): Plan {
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'Plan',
    metadata: { name: spec.pod, namespace: metadata.namespace },
    spec: { pod: spec.pod, podUid: spec.podUid, container: spec.container },
    status: {
      services: [],
      route: status.route,
      labels: record.labels,
      entries: [],
      ifCrashed: 'what the record says is still to be undone',
      interlocks: [],
      warnings: [],
      diagnostic: record.diagnostic,
    },
  };
}
