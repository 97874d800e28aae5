import type { Probe } from 'kubernetes-types/core/v1.js';

export type ProbeKind = 'readiness' | 'liveness' | 'startup';

export interface ProbeState {
  /** What the probe says of the container now; undefined: nothing yet (startup only). */
  readonly result: boolean | undefined;
  readonly last: boolean | undefined;
  /** How often `last` was seen in a row. */
  readonly run: number;
  /** Liveness and startup rest after a failure, until the container is started anew. */
  readonly onHold: boolean;
}

export interface Thresholds {
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly initialDelayMs: number;
  readonly failureThreshold: number;
  readonly successThreshold: number;
}

/** A probe's numbers with Kubernetes' defaults for those it does not say. */
export function thresholdsOf(probe: Probe): Thresholds {
  return {
    periodMs: (probe.periodSeconds ?? 10) * 1000,
    timeoutMs: (probe.timeoutSeconds ?? 1) * 1000,
    initialDelayMs: (probe.initialDelaySeconds ?? 0) * 1000,
    failureThreshold: probe.failureThreshold ?? 3,
    successThreshold: probe.successThreshold ?? 1,
  };
}

/** Before the first probe: not ready, alive, startup unknown. */
export function initialState(kind: ProbeKind): ProbeState {
  const result = { readiness: false, liveness: true, startup: undefined }[kind];
  return { result, last: undefined, run: 0, onHold: false };
}

/**
 * One probe's outcome counted in, as the kubelet's prober worker does: a result turns only after
 * its threshold of equal outcomes in a row; any other outcome begins the count anew.
 */
export function countProbe(
  kind: ProbeKind,
  state: ProbeState,
  { success, thresholds }: { readonly success: boolean; readonly thresholds: Thresholds },
): ProbeState {
  const run = state.last === success ? state.run + 1 : 1;
  const threshold = success ? thresholds.successThreshold : thresholds.failureThreshold;
  if (run < threshold) return { ...state, last: success, run };
  const onHold = !success && kind !== 'readiness';
  return { result: success, last: success, run: onHold ? 0 : run, onHold };
}
