import type { Pod } from 'kubernetes-types/core/v1.js';
import { setTimeout as delay } from 'node:timers/promises';
import { startProbers } from '../probes/start-probers.ts';
import type { ExitStatus } from '../runtime/runtime.ts';
import { formatDelay, nextBackOff } from './back-off.ts';
import type { ContainerRun, ContainerState } from './container-run.ts';
import { isLater, noteFailedStart } from './failed-start.ts';
import { Grace } from './grace.ts';
import { runHook } from './hooks.ts';
import type { PodContext } from './pod-context.ts';
import { say } from './say.ts';
import { startContainer, type StartedContainer } from './start-container.ts';
import { stopContainer } from './stop-container.ts';

/** What of a log stands in for a termination message: the kubelet's limits. */
const LAST_WORDS = { bytes: 2048, lines: 80 };

/** Starts (or restarts) a container and follows it to its end; the run's state tells how that went. */
export async function startRun(run: ContainerRun, context: PodContext): Promise<void> {
  const { container } = run;
  const ended = run.state.kind === 'terminated' ? run.state.was : run.last;
  const attempt = ended ? run.restartCount + 1 : run.restartCount;
  try {
    const started = await startContainer(container, { context, role: run.role, attempt });
    countRestart(run, attempt);
    await follow(run, { started, context });
  } catch (error) {
    if (!isLater(error)) countRestart(run, attempt);
    noteFailedStart(run, { error, context });
  }
}

/** Ends a container once, however often it is asked; resolves when it has ended. */
export async function stopRun(
  run: ContainerRun,
  {
    message,
    grace,
    context,
  }: { readonly message: string; readonly grace: Grace; readonly context: PodContext },
): Promise<void> {
  const { recordEvent } = context.node;
  // One that has ended must not look as if it were being stopped: it would never start again.
  if (run.state.kind !== 'running' && !run.stopping) return;
  run.stopping ??= stopContainer(run, {
    ...context,
    pod: context.pod(),
    recordEvent,
    grace,
    message,
  });
  await run.stopping;
  await run.following;
}

/** A container that ended too soon after its start waits; said once. */
export function holdBack(run: ContainerRun, context: PodContext): void {
  if (run.state.kind !== 'terminated') return;
  const { name, namespace, uid } = context.pod().metadata ?? {};
  const pod = `${name}_${namespace}(${uid})`;
  const container = run.container.name;
  const pause = formatDelay(run.backOff?.delayMs ?? 0);
  run.last = run.state.was;
  run.state = {
    kind: 'waiting',
    reason: 'CrashLoopBackOff',
    message: `back-off ${pause} restarting failed container=${container} pod=${pod}`,
  };
  const message = `Back-off restarting failed container ${container} in pod ${pod}`;
  say(run, context, { type: 'Warning', reason: 'BackOff', message });
}

/** The grace a container has unless a probe says otherwise. */
function podGraceMs(context: Pick<PodContext, 'pod'>): number {
  return (context.pod().spec?.terminationGracePeriodSeconds ?? 30) * 1000;
}

function countRestart(run: ContainerRun, attempt: number): void {
  const ended = run.state.kind === 'terminated' ? run.state.was : run.last;
  run.restartCount = attempt;
  run.retryAt = undefined;
  if (run.changed) run.backOff = undefined;
  run.changed = false;
  if (!ended) return;
  run.last = ended;
  run.backOff = nextBackOff(run.backOff, { endedAt: ended.finishedAt, now: Date.now() });
}

async function follow(
  run: ContainerRun,
  { started, context }: { readonly started: StartedContainer; readonly context: PodContext },
): Promise<void> {
  const { container } = run;
  const { process, containerId } = started;
  run.cgroup = started.cgroup;
  run.user = started.user;
  run.outOfMemory = false;
  run.previousLog = run.log ?? run.previousLog;
  run.log = started.log;
  const state: ContainerState = { kind: 'running', startedAt: Date.now(), containerId, process };
  run.state = state;
  run.stopping = undefined;
  run.started = !container.startupProbe;
  run.ready = run.started && !container.readinessProbe;
  if (run.role === 'sidecar' && run.started) run.initialized = true;
  const image = `Container image "${container.image}" already present on machine and can be accessed by the pod`;
  say(run, context, { reason: 'Pulled', message: image });
  say(run, context, { reason: 'Created', message: 'Container created' });
  say(run, context, { reason: 'Started', message: 'Container started' });
  const { startedAt } = state;
  run.following = awaitEnd(run, { started, startedAt, context }).catch(context.node.onError);

  if (!(await postStart(run, { started, context }))) return;
  if (run.state !== state) return;
  const kill = (message: string, graceMs: number) =>
    void stopByItself(run, { message, graceMs, context }).catch(context.node.onError);
  run.probers = startProbers(run, {
    pod: context.pod(),
    process,
    podIp: context.podIp,
    localAddress: context.node.network.nodeAddress,
    onChange: () => {
      if (run.role === 'sidecar' && run.started) run.initialized = true;
      context.publish();
      if (run.role === 'sidecar') context.wake();
    },
    isToFail: (probe) =>
      context.node.failsProbe({ ...nameOf(context.pod()), container: container.name, probe }),
    onFailure: (kind, words) =>
      say(run, context, {
        type: 'Warning',
        reason: 'Unhealthy',
        message: `${kind} probe ${words}`,
      }),
    onWarning: (kind, message) =>
      say(run, context, {
        type: 'Warning',
        reason: 'ProbeWarning',
        message: `${kind} probe warning: ${message}`,
      }),
    onKill: (kind, seconds) =>
      kill(
        `Container ${container.name} failed ${kind} probe, will be restarted`,
        seconds === undefined ? podGraceMs(context) : seconds * 1000,
      ),
  });
  context.publish();
}

function nameOf({ metadata }: Pod) {
  return { namespace: metadata?.namespace ?? '', pod: metadata?.name ?? '' };
}

/** False when the hook failed and the container is being ended for it. */
async function postStart(
  run: ContainerRun,
  { started, context }: { readonly started: StartedContainer; readonly context: PodContext },
): Promise<boolean> {
  const hook = run.container.lifecycle?.postStart;
  if (!hook) return true;
  const { process } = started;
  try {
    const target = { container: run.container, process, podIp: context.podIp };
    await Promise.race([runHook(hook, target), process.exit]);
    return true;
  } catch (error) {
    const message = `PostStartHook failed: ${messageOf(error)}`;
    say(run, context, { type: 'Warning', reason: 'FailedPostStartHook', message });
    void stopByItself(run, {
      message: 'FailedPostStartHook',
      graceMs: podGraceMs(context),
      context,
    }).catch(context.node.onError);
    return false;
  }
}

async function stopByItself(
  run: ContainerRun,
  how: { readonly message: string; readonly graceMs: number; readonly context: PodContext },
): Promise<void> {
  using grace = new Grace(how.graceMs);
  await stopRun(run, { message: how.message, grace, context: how.context });
}

async function awaitEnd(
  run: ContainerRun,
  of: {
    readonly started: StartedContainer;
    readonly startedAt: number;
    readonly context: PodContext;
  },
): Promise<void> {
  const { started, startedAt, context } = of;
  const { process, log, recorded, containerId } = started;
  const exit = await process.exit;
  // A process that left the container's group may keep the pipes open (level `loopback`).
  await Promise.race([recorded, delay(1000)]);
  for (const prober of run.probers) prober[Symbol.dispose]();
  run.probers = [];
  run.ready = false;
  run.started = false;
  const message = await lastWords(run, { exit, of: process, log });
  const outOfMemory = exit.exitCode !== 0 && (run.outOfMemory || started.cgroup?.oomKilled());
  run.cgroup = undefined;
  await started.cgroup?.remove();
  run.state = {
    kind: 'terminated',
    was: {
      exitCode: exit.exitCode,
      reason: exit.exitCode === 0 ? 'Completed' : outOfMemory ? 'OOMKilled' : 'Error',
      ...(message && { message }),
      startedAt,
      finishedAt: Date.now(),
      containerId,
    },
  };
  run.stopping = undefined;
  if (run.role === 'init' && exit.exitCode === 0) run.initialized = true;
  context.publish();
  context.wake();
}

async function lastWords(
  run: ContainerRun,
  end: {
    readonly exit: ExitStatus;
    readonly of: StartedContainer['process'];
    readonly log: StartedContainer['log'];
  },
): Promise<string> {
  const message = await end.of.terminationMessage().catch(() => '');
  const fromLog = run.container.terminationMessagePolicy === 'FallbackToLogsOnError';
  if (message || !fromLog || end.exit.exitCode === 0) return message;
  const text = await end.log.tail(LAST_WORDS.bytes);
  return text.split('\n').slice(-LAST_WORDS.lines).join('\n');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
