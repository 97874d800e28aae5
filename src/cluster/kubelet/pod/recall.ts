import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.js';
import type { ContainerRun, Terminated } from './container-run.ts';
import { restarts } from './decide.ts';

/**
 * Takes up a Pod that an earlier kubelet of this node ran, as after a reboot: its containers have
 * ended with the machine, and are started again as the restart policy says. Returns whether there
 * was anything to take up.
 */
export function recall(runs: readonly ContainerRun[], pod: Pod, now: number): boolean {
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = pod.status ?? {};
  const statuses = [containerStatuses, initContainerStatuses, ephemeralContainerStatuses].flatMap(
    (some) => some ?? [],
  );
  const known = runs.filter((run) => {
    const status = statuses.find(({ name }) => name === run.container.name);
    if (!status?.containerID) return false;
    remember(run, status, now);
    return true;
  });
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const apps = runs.filter(({ role }) => role === 'app');
  const isDone = apps.every((run) => run.state.kind === 'terminated' && !restarts(run, policy));
  // A new sandbox begins with the init containers, as upstream, unless nothing comes after them.
  for (const run of known) {
    if (run.role !== 'init' && run.role !== 'sidecar') continue;
    if (!isDone) beginAgain(run);
    else if (run.role === 'sidecar') run.initialized = true;
  }
  return known.length > 0;
}

/** As if it had not been started in this sandbox, its history kept. */
export function beginAgain(run: ContainerRun): void {
  run.initialized = false;
  if (run.state.kind === 'terminated') {
    run.last = run.state.was;
    run.state = { kind: 'waiting', reason: 'PodInitializing' };
  }
}

function remember(run: ContainerRun, status: ContainerStatus, now: number): void {
  const { state = {}, lastState = {}, containerID = '' } = status;
  run.restartCount = status.restartCount;
  const before = lastState.terminated && read(lastState.terminated, containerID);
  if (before) run.last = before;
  if (state.terminated) {
    run.state = { kind: 'terminated', was: read(state.terminated, containerID) };
    run.initialized = state.terminated.exitCode === 0;
  } else if (state.running)
    run.state = {
      kind: 'terminated',
      was: {
        exitCode: 255,
        reason: 'Unknown',
        startedAt: Date.parse(state.running.startedAt ?? ''),
        finishedAt: now,
        containerId: containerID,
      },
    };
}

type WireTerminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

function read(was: WireTerminated, containerId: string): Terminated {
  return {
    exitCode: was.exitCode,
    reason: was.reason ?? '',
    ...(was.message !== undefined && { message: was.message }),
    startedAt: Date.parse(was.startedAt ?? ''),
    finishedAt: Date.parse(was.finishedAt ?? ''),
    containerId: was.containerID ?? containerId,
  };
}
