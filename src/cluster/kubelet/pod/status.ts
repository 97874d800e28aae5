import type { ContainerStatus, Pod, PodCondition, PodStatus } from 'kubernetes-types/core/v1.js';
import { createHash } from 'node:crypto';
import type { ContainerRun, Terminated } from './container-run.ts';
import { restarts } from './decide.ts';

export interface StatusInput {
  /** As it is stored: the conditions' transition times are kept where the status is unchanged. */
  readonly pod: Pod;
  readonly runs: readonly ContainerRun[];
  readonly podIp: string | undefined;
  readonly hostIp: string;
  readonly startTime: number;
  readonly sandboxReady: boolean;
  /** The Pod is deleted and all its containers have ended. */
  readonly ended: boolean;
  /** Why the kubelet has ended the Pod itself: evicted, or past its deadline. */
  readonly verdict?: Verdict | undefined;
  readonly now: number;
}

/** The Pod has failed, whatever its containers say. */
export interface Verdict {
  readonly reason: string;
  readonly message: string;
}

/** `kubernetes-types` is of 1.30; conditions tell the generation they are about since 1.34. */
type Condition = PodCondition & { readonly observedGeneration?: number };

/** The Pod's status as the kubelet of 1.36 writes it: only what the kubelet owns. */
export function statusOf(input: StatusInput): PodStatus {
  const { pod, runs, podIp, hostIp } = input;
  const phase = phaseOf(input);
  const of = (...roles: readonly ContainerRun['role'][]) =>
    runs.filter(({ role }) => roles.includes(role)).map(containerStatus);
  const [inits, ephemerals] = [of('init', 'sidecar'), of('ephemeral')];
  const generation = pod.metadata?.generation;
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase,
    ...input.verdict,
    conditions: conditionsOf(input, phase),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIp !== undefined && { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: time(input.startTime),
    ...(inits.length > 0 && { initContainerStatuses: inits }),
    containerStatuses: of('app'),
    ...(ephemerals.length > 0 && { ephemeralContainerStatuses: ephemerals }),
  };
}

function phaseOf({ pod, runs, ended, verdict }: StatusInput): string {
  if (verdict) return 'Failed';
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const inits = runs.filter(({ role }) => role === 'init');
  const hasFailed = (run: ContainerRun) =>
    run.state.kind === 'terminated' && run.state.was.exitCode !== 0 && !restarts(run, policy);
  if (inits.some(hasFailed)) return 'Failed';
  const apps = runs.filter(({ role }) => role === 'app');
  const terminated = apps.flatMap(({ state }) => (state.kind === 'terminated' ? [state.was] : []));
  const failed = terminated.some(({ exitCode }) => exitCode !== 0);
  if (terminated.length === apps.length && apps.length > 0)
    if (ended || !apps.some((run) => restarts(run, policy))) return failed ? 'Failed' : 'Succeeded';
  if (ended) return 'Failed';
  if (inits.some(({ initialized }) => !initialized)) return 'Pending';
  const begun = apps.some((run) => run.state.kind !== 'waiting' || run.last !== undefined);
  const waitsFirst = apps.some((run) => run.state.kind === 'waiting' && run.last === undefined);
  return begun && !waitsFirst ? 'Running' : 'Pending';
}

function conditionsOf(input: StatusInput, phase: string): Condition[] {
  const { pod, runs, sandboxReady, ended } = input;
  const inits = runs.filter(({ role }) => role === 'init' || role === 'sidecar');
  const uninitialized = inits.filter(({ initialized }) => !initialized);
  const apps = runs.filter(({ role }) => role === 'app');
  const unready = [...apps, ...inits.filter(({ role }) => role === 'sidecar')].filter(
    ({ ready }) => !ready,
  );
  const over = phase === 'Succeeded' || phase === 'Failed';

  const containers: Pick<Condition, 'status' | 'reason' | 'message'> = over
    ? { status: 'False', reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : unready.length > 0
      ? {
          status: 'False',
          reason: 'ContainersNotReady',
          message: `containers with unready status: [${names(unready)}]`,
        }
      : { status: 'True' };
  // KEP-580: a gate without a condition counts as False.
  const shut = (pod.spec?.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (!condition)
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return condition.status === 'True'
      ? []
      : [
          `the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`,
        ];
  });
  const ready =
    containers.status === 'True' && shut.length > 0
      ? { status: 'False', reason: 'ReadinessGatesNotReady', message: shut.join(', ') }
      : containers;
  const initialized: Pick<Condition, 'status' | 'reason' | 'message'> =
    uninitialized.length > 0
      ? {
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${names(uninitialized)}]`,
        }
      : { status: 'True', ...(phase === 'Succeeded' && { reason: 'PodCompleted' }) };
  return [
    condition('PodReadyToStartContainers', { status: sandboxReady && !ended ? 'True' : 'False' }),
    condition('Initialized', initialized),
    condition('Ready', ready),
    condition('ContainersReady', containers),
    condition('PodScheduled', { status: 'True' }),
  ];

  function condition(
    type: string,
    now: Pick<Condition, 'status' | 'reason' | 'message'>,
  ): Condition {
    const before = pod.status?.conditions?.find((other) => other.type === type);
    const unchanged = before?.status === now.status && before.lastTransitionTime;
    const generation = pod.metadata?.generation;
    return {
      type,
      ...(generation !== undefined && { observedGeneration: generation }),
      ...now,
      lastProbeTime: null as unknown as string,
      lastTransitionTime: unchanged || time(input.now),
    };
  }
}

/** An init container that has ended well is ready for good. */
function hasDoneItsPart({ role, state }: ContainerRun): boolean {
  return role === 'init' && state.kind === 'terminated' && state.was.exitCode === 0;
}

function containerStatus(run: ContainerRun): ContainerStatus {
  const { container, state } = run;
  const image = container.image ?? '';
  const id =
    state.kind === 'running'
      ? state.containerId
      : state.kind === 'terminated'
        ? state.was.containerId
        : run.last?.containerId;
  const status = {
    name: container.name,
    state:
      state.kind === 'waiting'
        ? {
            waiting: {
              reason: state.reason,
              ...(state.message !== undefined && { message: state.message }),
            },
          }
        : state.kind === 'running'
          ? { running: { startedAt: time(state.startedAt) } }
          : { terminated: terminated(state.was) },
    lastState: run.last ? { terminated: terminated(run.last) } : {},
    ready: run.ready || hasDoneItsPart(run),
    restartCount: run.restartCount,
    image,
    imageID: id === undefined ? '' : `sha256:${createHash('sha256').update(image).digest('hex')}`,
    ...(id !== undefined && { containerID: id }),
    started: run.started,
    ...(state.kind === 'running' && {
      // KEP-1287: what the node has set aside, beside what was asked for.
      ...(container.resources?.requests && { allocatedResources: container.resources.requests }),
      resources: container.resources ?? {},
    }),
    ...(container.volumeMounts && {
      volumeMounts: container.volumeMounts.map(({ name, mountPath, readOnly }) => ({
        name,
        mountPath,
        ...(readOnly && { readOnly, recursiveReadOnly: 'Disabled' }),
      })),
    }),
    ...(state.kind === 'running' && {
      user: {
        linux: {
          uid: run.user?.uid ?? 0,
          gid: run.user?.gid ?? 0,
          supplementalGroups: run.user?.groups ?? [0],
        },
      },
    }),
  };
  return status as ContainerStatus;
}

function terminated(was: Terminated): object {
  return {
    exitCode: was.exitCode,
    reason: was.reason,
    ...(was.message && { message: was.message }),
    startedAt: time(was.startedAt),
    finishedAt: time(was.finishedAt),
    containerID: was.containerId,
  };
}

function names(runs: readonly ContainerRun[]): string {
  return runs.map(({ container }) => container.name).join(' ');
}

/** metav1.Time: whole seconds, UTC. */
export function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
