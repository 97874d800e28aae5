import type { Container, Pod, Probe } from 'kubernetes-types/core/v1.js';

export interface LivenessBudget {
  /** After that long a standstill, at the earliest, the kubelet decides to restart the container. */
  readonly earliestMs: number;
  /** From then until it is killed. */
  readonly graceMs: number;
  /** The probe with its figures, for people. */
  readonly probe: string;
  /** An exec probe asks whatever its command asks, which need not be the process that stands still. */
  readonly isCertain: boolean;
}

/**
 * How long the container may stand still, by the probe that watches it now: the startup probe until
 * it has succeeded once, then the liveness probe. Undefined when no probe would notice.
 */
export function livenessBudgetOf(pod: Pod, containerName: string): LivenessBudget | undefined {
  const { container, started } = findContainer(pod, containerName);
  const starting = started === false && container?.startupProbe !== undefined;
  const probe = starting ? container.startupProbe : container?.livenessProbe;
  // The kernel goes on accepting connections for a process that stands still.
  if (!probe || probe.tcpSocket) return undefined;
  const { periodSeconds = 10, timeoutSeconds = 1, failureThreshold = 3 } = probe;
  // prober/worker.go: failures in a row; a probe that hangs for longer than a period delays the next.
  const period = Math.max(periodSeconds, timeoutSeconds);
  const earliest = (failureThreshold - 1) * period + timeoutSeconds;
  // KEP-2238: a grace period of the probe goes before the Pod's.
  const grace =
    probe.terminationGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30;
  return {
    earliestMs: earliest * 1000,
    graceMs: grace * 1000,
    probe: `${starting ? 'startupProbe' : 'livenessProbe'} (${howItAsks(probe)} every ${periodSeconds} s, ${timeoutSeconds} s timeout, ${failureThreshold} failures)`,
    isCertain: !probe.exec,
  };
}

function findContainer(
  { spec, status }: Pod,
  wanted: string,
): { readonly container: Container | undefined; readonly started: boolean | undefined } {
  const named = ({ name }: { readonly name: string }) => name === wanted;
  return {
    container: [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].find(named),
    started: [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find(
      named,
    )?.started,
  };
}

function howItAsks({ httpGet, exec }: Probe): string {
  if (httpGet) return `GET ${httpGet.path ?? '/'}`;
  return exec ? 'exec' : 'gRPC';
}
