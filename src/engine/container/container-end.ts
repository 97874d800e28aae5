import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Event } from 'kubernetes-types/events/v1.js';
import type { ContainerStateTerminated, ContainerStatus } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';

export function statusOf({ status }: Pod, container: string): ContainerStatus | undefined {
  return [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ].find(({ name }) => name === container);
}

/** How the container's last run ended; undefined when it has never ended. */
function endOf(pod: Pod, container: string): ContainerStateTerminated | undefined {
  const { state, lastState } = statusOf(pod, container) ?? {};
  return state?.terminated ?? lastState?.terminated;
}

/** Whether the container has ended, and no other run of it has begun. */
export function hasEnded(pod: Pod, container: string): boolean {
  return statusOf(pod, container)?.state?.terminated !== undefined;
}

/**
 * Why the container's last run ended, for people: the reason and exit code from its status, and what
 * the kubelet said when it killed it (a probe, a changed definition), where Events may be read.
 */
export async function describeEnd(
  kube: Kube,
  pod: Pod,
  { container, signal }: { readonly container: string; readonly signal: AbortSignal },
): Promise<string> {
  // An evicted Pod says so itself, and its containers say nothing.
  const { reason: podReason, message: podMessage } = pod.status ?? {};
  if (podReason !== undefined) return podMessage ? `${podReason}: ${podMessage}` : podReason;
  const end = endOf(pod, container);
  const kill = await readKill(kube, pod, { container, end, signal });
  if (!end) return kill ?? 'reason not known';
  const { reason = 'ended', exitCode } = end;
  const code = `${reason}, exit code ${exitCode}`;
  if (reason === 'OOMKilled') return `${code}${memoryLimit(pod, container)}`;
  return kill === undefined ? `${code}${nameSignal(exitCode)}` : `${code}: ${kill}`;
}

async function readKill(
  kube: Kube,
  { metadata }: Pod,
  {
    container,
    end,
    signal,
  }: {
    readonly container: string;
    readonly end: ContainerStateTerminated | undefined;
    readonly signal: AbortSignal;
  },
): Promise<string | undefined> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
  let events: readonly Event[];
  try {
    events = await kube.list<Event>('events', {
      namespace: metadata?.namespace,
      fieldSelector: `regarding.uid=${metadata?.uid}`,
      signal: limited,
    });
  } catch {
    // What may not be read, or not in time, is only an explanation less.
    signal.throwIfAborted();
    return undefined;
  }
  const since = end?.startedAt ?? '';
  const newest = (reason: string) =>
    events
      .filter((event) => event.reason === reason && concerns(event, container))
      .filter((event) => timeOf(event) >= since.replace(/Z$/, ''))
      .toSorted((a, b) => timeOf(b).localeCompare(timeOf(a)))[0]?.note;
  const killing = newest('Killing');
  if (killing === undefined) return undefined;
  const unhealthy = /probe/.test(killing) ? newest('Unhealthy') : undefined;
  return unhealthy === undefined ? killing : `${killing} (${unhealthy})`;
}

/** The kubelet names the container as `spec.containers{app}`. */
function concerns({ regarding }: Event, container: string): boolean {
  return regarding?.fieldPath?.endsWith(`{${container}}`) ?? false;
}

/** RFC 3339 in UTC sorts as text, once the zone's letter is gone. */
function timeOf({ series, deprecatedLastTimestamp, eventTime }: Event): string {
  const time = series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? '';
  return time.replace(/Z$/, '');
}

function memoryLimit({ spec }: Pod, container: string): string {
  const limit = spec?.containers.find(({ name }) => name === container)?.resources?.limits?.[
    'memory'
  ];
  return limit === undefined ? '' : `: its memory limit is ${limit}`;
}

/** A shell's way of telling that a signal ended it. */
function nameSignal(exitCode: number): string {
  if (exitCode === 137) return ' (SIGKILL)';
  return exitCode === 143 ? ' (SIGTERM)' : '';
}
