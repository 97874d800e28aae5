import type { ProbeRequest } from './traffic-probe.ts';

/** The probe's own count, under `status.demo.traffic`. */
export interface TrafficCounts {
  readonly requests: number;
  readonly failed: number;
  readonly toPodBefore: number;
  /** Requests that *started* after isolation was proven and before restore began. */
  readonly toPodDuringStop: number;
  readonly toPodAfter: number;
}

/** The moments that divide a stop, in epoch milliseconds; absent ones were never reached. */
export interface StopMoments {
  readonly isolateStartedMs?: number | undefined;
  readonly isolationProvenMs?: number | undefined;
  readonly restoreStartedMs?: number | undefined;
  readonly restorationProvenMs?: number | undefined;
}

export function countTraffic(
  requests: readonly ProbeRequest[],
  pod: string,
  moments: StopMoments,
): TrafficCounts {
  const never = Number.POSITIVE_INFINITY;
  const {
    isolateStartedMs = never,
    isolationProvenMs = never,
    restoreStartedMs = never,
    restorationProvenMs = never,
  } = moments;
  const toPod = (test: (startedAtMs: number) => boolean): number =>
    requests.filter((request) => request.pod === pod && test(request.startedAtMs)).length;
  return {
    requests: requests.length,
    failed: requests.filter(({ error }) => error !== undefined).length,
    toPodBefore: toPod((at) => at < isolateStartedMs),
    toPodDuringStop: toPod((at) => at > isolationProvenMs && at < restoreStartedMs),
    toPodAfter: toPod((at) => at > restorationProvenMs),
  };
}

/** Each kind of failure and how often it came, the most frequent first. */
export function listFailures(
  requests: readonly ProbeRequest[],
): readonly { readonly error: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { error, kind } of requests) {
    if (error === undefined) continue;
    const name = `${error} (${kind} connection)`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([error, count]) => ({ error, count }))
    .toSorted((left, right) => right.count - left.count);
}

/** How long answers took, in milliseconds; zeros without any answer. */
export function summarizeLatency(requests: readonly ProbeRequest[]): {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
} {
  const durations = requests
    .flatMap(({ pod, durationMs }) =>
      pod !== undefined && durationMs !== undefined ? [durationMs] : [],
    )
    .toSorted((left, right) => left - right);
  const at = (share: number): number =>
    Math.round(
      (durations[Math.min(durations.length - 1, Math.floor(durations.length * share))] ?? 0) * 10,
    ) / 10;
  return { medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
