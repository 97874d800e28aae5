import { randomBytes } from 'node:crypto';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import { checkAccess } from '../access/check-access.ts';
import { checkRoom } from '../fleet/max-out.ts';
import { decide } from '../plan/decide.ts';
import { withFindings } from '../plan/interlocks/finding.ts';
import { refuseInterlocked } from '../plan/interlocks/refuse.ts';
import type { Target } from '../container/target.ts';
import type { Plan } from '../plan/plan.ts';
import { deletionCostAnnotation } from '../annotations.ts';
import { conditionOf } from '../routes/pod-write.ts';
import { whoAmI, type UndoRecord } from './record.ts';
import { defaults, type SessionRequest } from '../plan/request.ts';
import { undoCalls } from '../drain-hooks/drain-hook.ts';
import type { HookCall } from '../drain-hooks/hook-call.ts';
import { serverNowMs } from './server-now.ts';
import { stepNames, type Session } from './session.ts';
import { leaseSeconds } from './session-lease.ts';
import type { EphemeralHelper } from '../container/ephemeral.ts';
import { describeUser } from '../container/ephemeral-security.ts';
import { openWay, type Way } from '../container/open-way.ts';
import { chooseAnywhere } from '../diagnostics/choose-anywhere.ts';
import type { ChosenDiagnostic } from '../diagnostics/choose-diagnostic.ts';
import type { HelperNeeds } from '../diagnostics/index.ts';
import { openSockets } from '../sockets/open-socket-watch.ts';
import type { SocketWatch } from '../sockets/socket-watch.ts';
import { readSnapshot } from '../read-snapshot.ts';

/** Everything a session knows before its first write. Disposing ends what it keeps in the Pod. */
export interface Prepared extends AsyncDisposable {
  readonly pod: Pod;
  readonly plan: Plan;
  readonly target: Target;
  /** Absent where nothing is to be run. */
  readonly chosen: ChosenDiagnostic | undefined;
  /** The ephemeral container through which that is done, where the container itself cannot. */
  readonly helper: string | undefined;
  readonly sockets: SocketWatch;
  /** The session's own ephemeral container for its sockets, where it needs one. */
  readonly debug: EphemeralHelper | undefined;
  /** Connections of Service traffic that were open before anything was touched. */
  readonly connectionsAtStart: number;
  /** What takes the drain hooks back. */
  readonly undoDrain: readonly HookCall[];
}

/** Resolves, looks, decides and refuses; touches nothing. */
export async function prepare(
  kube: Kube,
  request: SessionRequest,
  options: {
    /** `none`: nothing is to be run in the container. */
    readonly diagnostic: string;
    readonly signal: AbortSignal;
    readonly onPreparing?: ((message: string) => void) | undefined;
  },
): Promise<Prepared> {
  const { namespace } = request;
  const { signal, onPreparing: onProgress } = options;
  const undoDrain = undoCalls(request.drainHooks, request.drainUndo);
  await checkRoom(kube, request, signal);
  const look = async () => {
    const snapshot = await readSnapshot(kube, request, signal);
    const decided = decide(snapshot, request, options.diagnostic);
    const { overrides } = request;
    const access = await checkAccess(kube, decided, { snapshot, request }, signal);
    const plan = withFindings(decided, { ...access, overrides });
    refuseInterlocked(plan);
    return { pod: snapshot.pod, plan };
  };
  const looked = await look();
  const { spec } = looked.plan;
  const { remoteDirectory } = request;
  const bare: Target = {
    kube,
    namespace,
    pod: spec.pod,
    container: spec.container,
    remoteDirectory,
  };
  await using held = new AsyncDisposableStack();
  const runs = options.diagnostic !== 'none';
  const aside: { way?: Way } = {};
  const openAside = async (needs?: HelperNeeds) => {
    // The usual one is there already where the sockets needed it.
    if (aside.way && !needs) return aside.way;
    const image = request.debugImage;
    const way = await openWay(bare, looked.pod, { ...needs, image, signal, onProgress });
    aside.way = held.use(way);
    return way;
  };
  const { sockets, debug } = await openSockets(bare, looked.pod, {
    targetPorts: portsOf(looked.plan),
    severs: request.severIdleMs !== undefined,
    image: request.debugImage,
    ...(runs && { startForWork: async () => (await openAside()).helper }),
    signal,
    onProgress,
  });
  if (debug !== aside.way?.helper) held.use(debug);
  held.use(sockets);
  const { open } = await sockets.look(signal);
  const { chosen, target } = runs
    ? await chooseAnywhere(bare, { request, signal, openAside })
    : { chosen: undefined, target: bare };
  const { way } = aside;
  // An ephemeral container has changed the Pod: what is written is written to the Pod as it is now.
  const isChanged = debug?.isNew || way?.helper.isNew;
  const { pod, plan } = isChanged ? await look() : looked;
  const taken = held.move();
  return {
    pod,
    plan: way ? withFindings(plan, { findings: [], warnings: [sayHelper(way)] }) : plan,
    target,
    chosen,
    helper: way?.helper.name,
    sockets,
    debug,
    connectionsAtStart: open.length,
    undoDrain,
    [Symbol.asyncDispose]: () => taken.disposeAsync(),
  };
}

function sayHelper({ helper, target, user }: Way): string {
  const how = helper.isNew ? 'was added to the Pod' : 'is used, which was there';
  return `ephemeral container ${helper.name} ${how}, to work on container ${target.container} (${describeUser(user)}); it ends with the session, its entry stays in the Pod's spec`;
}

function portsOf(plan: Plan): readonly number[] {
  return [
    ...new Set(
      plan.status.services.flatMap(({ ports }) => ports.map(({ targetPort }) => targetPort)),
    ),
  ];
}

/** The session document before its first event. */
export function newSession(
  plan: Plan,
  diagnostic: string,
  { command, extraArgs = [] }: Pick<SessionRequest, 'command' | 'extraArgs'> = {},
): Session {
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'Session',
    metadata: {
      name: randomBytes(4).toString('hex'),
      namespace: plan.metadata.namespace,
      creationTimestamp: new Date().toISOString(),
    },
    spec: {
      pod: plan.spec.pod,
      podUid: plan.spec.podUid,
      container: plan.spec.container,
      route: plan.status.route.name,
      diagnostic,
      ...(command && { command }),
      ...(extraArgs.length > 0 && { options: extraArgs }),
    },
    status: {
      phase: 'Planned',
      podOut: false,
      steps: stepNames.map((name) => ({ name, state: 'pending' })),
      route: plan.status.route,
      warnings: [],
    },
  };
}

/** The undo record of a session that is about to begin. */
export function newRecord(
  kube: Kube,
  {
    pod,
    plan,
    siblings,
    undoDrain = [],
    helper,
    target,
  }: Pick<Prepared, 'pod' | 'plan'> &
    Partial<Pick<Prepared, 'undoDrain' | 'helper' | 'target'>> & {
      readonly siblings?: readonly string[] | undefined;
    },
  session: Session,
  deadlineMs?: number,
): UndoRecord {
  const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller);
  const labels = pod.metadata?.labels ?? {};
  const { conditions } = plan.status;
  // A deadline is judged by the server's clock, whatever the machine's own shows.
  const nowMs = serverNowMs(kube);
  const now = new Date(nowMs).toISOString();
  return {
    id: session.metadata.name,
    by: whoAmI(kube.user),
    startedAt: now,
    renewedAt: now,
    leaseSeconds,
    ...(deadlineMs !== undefined && {
      deadline: new Date(nowMs + (deadlineMs || defaults.ttlMs)).toISOString(),
    }),
    route: plan.status.route.name,
    phase: 'out',
    labels: Object.fromEntries(
      Object.keys(plan.status.labels).map((key) => [key, labels[key] ?? null]),
    ),
    ...(conditions && {
      conditions: Object.fromEntries(conditions.map((type) => [type, conditionOf(pod, type)])),
    }),
    ...(owner && { owner: { kind: owner.kind, name: owner.name, uid: owner.uid } }),
    ...(siblings && { siblings: [...siblings] }),
    deletionCost: pod.metadata?.annotations?.[deletionCostAnnotation] ?? null,
    // What does not select the Pod will not list it again either.
    services: plan.status.services
      .filter(({ leavesBy }) => leavesBy.some(({ by }) => by !== 'none'))
      .map(({ name }) => name),
    ...(plan.status.selectors && { selectors: plan.status.selectors }),
    ...(plan.status.entries.length > 0 && {
      entries: plan.status.entries.map(({ resource, name, service }) => ({
        resource,
        name,
        service,
      })),
    }),
    ports: [...portsOf(plan)],
    ...(undoDrain.length > 0 && { undoDrain: [...undoDrain] }),
    container: plan.spec.container,
    ...(helper !== undefined && { helper }),
    ...(target?.remoteDirectory !== undefined && { remoteDirectory: target.remoteDirectory }),
    diagnostic: session.spec.diagnostic,
  };
}
