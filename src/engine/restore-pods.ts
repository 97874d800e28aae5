import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../kube/index.ts';
import { comeBack } from './steps/come-back.ts';
import { findLeftovers, type Target } from './diagnostics/index.ts';
import { PitstopError } from './errors.ts';
import type { Emit } from './session/events.ts';
import { deletesOf, type Deletes } from './plan/parting.ts';
import type { Plan } from './plan/plan.ts';
import { defaults, type SessionRequest } from './plan/request.ts';
import { recordAnnotation } from './annotations.ts';
import { findDead, isOverdue, leaseOf, type Held } from './session/expiry.ts';
import { readRecord, type UndoRecord } from './session/record.ts';
import { serverNowMs } from './session/server-now.ts';
import { findForsaken } from './session/forsaken.ts';
import { finish } from './session/finish.ts';
import { leaseSeconds } from './session/session-lease.ts';
import type { Session } from './session/session.ts';
import { describeError, SessionLog } from './session/session-log.ts';
import { stepNames } from './session/session.ts';
import { openSocketWatch } from './sockets/open-socket-watch.ts';
import type { SocketWatch } from './sockets/socket-watch.ts';
import { putRight } from './steps/put-right.ts';
import type { Stop } from './steps/stop.ts';

export interface RestoreRequest {
  readonly namespace: string;
  /** With `all` or `expired`: of every namespace, not only of that one. */
  readonly allNamespaces?: boolean | undefined;
  /** `POD` or `pod/NAME`. */
  readonly pod?: string | undefined;
  /** Every Pod that carries an undo record. */
  readonly all?: boolean | undefined;
  /** Those whose deadline is over, or whose session has stopped renewing its record; with `pod`, if that is one. */
  readonly expired?: boolean | undefined;
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

/** A Pod that carries a record; the error where that cannot be read. */
interface Found {
  readonly pod: Pod;
  readonly record: UndoRecord | PitstopError;
}

interface FindOptions {
  readonly signal: AbortSignal;
  readonly onWait?: ((message: string) => void) | undefined;
}

async function findHeld(
  kube: Kube,
  request: RestoreRequest,
  options: FindOptions,
): Promise<readonly Found[]> {
  const { pod, all, expired } = request;
  if (pod !== undefined) {
    const held = await readHeld(kube, request, pod, options.signal);
    return expired ? findExpired(kube, request, [held], options) : [held];
  }
  const namespace = request.allNamespaces ? undefined : request.namespace;
  const found = await listHeld(kube, namespace, options.signal);
  if (all) return found;
  return expired ? findExpired(kube, request, found.filter(isReadable), options) : [];
}

async function readHeld(
  kube: Kube,
  { namespace }: RestoreRequest,
  wanted: string,
  signal: AbortSignal,
): Promise<Held> {
  const name = wanted.replace(/^(?:pods?|po)\//, '');
  const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
  const hint = `kubectl pitstop status -n ${namespace}`;
  const record = pod && readRecord(pod);
  if (record) return { pod, record };
  const [forsaken] = await findForsaken(kube, { namespace, pod: name }, signal);
  if (forsaken) return forsaken;
  if (!pod) {
    throw new PitstopError('pod-not-found', `pod ${namespace}/${name} not found`, { hint });
  }
  throw new PitstopError(
    'no-session',
    `pod ${namespace}/${name} carries no undo record (annotation ${recordAnnotation}): nothing to restore`,
    { hint },
  );
}

/** Less than this is nothing to be said about where deadlines are minutes. */
const tolerableSkewSeconds = 10;

/** Those whose deadline is over, and those whose session turns out to be dead. */
async function findExpired(
  kube: Kube,
  request: RestoreRequest,
  held: readonly Held[],
  { signal, onWait }: FindOptions,
): Promise<readonly Held[]> {
  const nowMs = serverNowMs(kube);
  const skewSeconds = Math.round((kube.clockSkewMs ?? 0) / 1000);
  if (Math.abs(skewSeconds) > tolerableSkewSeconds) {
    onWait?.(
      `this machine's clock is ${Math.abs(skewSeconds)} s ${skewSeconds > 0 ? 'behind' : 'ahead of'} the server's; deadlines are judged by the server's`,
    );
  }
  const overdue = held.filter(({ record }) => isOverdue(record, nowMs));
  const running = held.filter(({ record }) => record.deadline === undefined);
  if (running.length === 0) return overdue;
  const namespace = request.allNamespaces ? undefined : request.namespace;
  const leaseSeconds = Math.max(...running.map(({ record }) => leaseOf(record)));
  onWait?.(
    `watching for ${leaseSeconds} s whether anybody renews the record of ${running.map(({ pod }) => `pod/${pod.metadata?.name}`).join(', ')}`,
  );
  const list = async () => (await listHeld(kube, namespace, signal)).filter(isReadable);
  return [...overdue, ...(await findDead(kube, running, { signal, namespace, list }))];
}

async function listHeld(
  kube: Kube,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const pods = await kube.list<Pod>('pods', { namespace, signal });
  const held = pods.flatMap((pod) => {
    const record = tryRead(pod);
    return record ? [{ pod, record }] : [];
  });
  return [...held, ...(await findForsaken(kube, { namespace }, signal))];
}

/** One record that cannot be read must not keep the other Pods out. */
function tryRead(pod: Pod): UndoRecord | PitstopError | undefined {
  try {
    return readRecord(pod);
  } catch (error) {
    if (error instanceof PitstopError) return error;
    throw error;
  }
}

function isReadable(held: Found): held is Held {
  return !(held.record instanceof PitstopError);
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
  const target: Target = { kube, namespace, pod: name, container: record.container };
  const { restoreTimeoutMs, clean = false } = request;
  const stop: Stop = { kube, namespace, name, signal };
  try {
    if (!pod.spec) {
      const timeoutMs = restoreTimeoutMs ?? defaults.restoreTimeoutMs;
      await putRight(stop, log, { record, timeoutMs });
      return finish(log, undefined);
    }
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
  { id }: UndoRecord,
  log: SessionLog,
  options: { readonly remove: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { namespace, pod, container } = target;
  const leftovers = await findLeftovers(target, { id, ...options }).catch(() => []);
  for (const { path, sizeBytes } of leftovers) {
    const what = `${path} (${Math.ceil(sizeBytes / 1_048_576)} MiB)`;
    log.emit({
      type: 'warning',
      message: options.remove
        ? `removed what the session had left in the container: ${what}`
        : `the session left ${what} in the container; fetch it with kubectl pitstop collect, or: kubectl exec ${pod} -n ${namespace} -c ${container} -- rm -r ${path}`,
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
