import type { Pod, Probe } from 'kubernetes-types/core/v1.js';
import type { ContainerRun } from '../pod/container-run.ts';
import type { ContainerProcess } from '../runtime/runtime.ts';
import type { ProbeKind } from './probe-arithmetic.ts';
import { Prober } from './prober.ts';
import { runProbe } from './run-probe.ts';

export interface StartProbersOptions {
  readonly pod: Pod;
  readonly process: ContainerProcess;
  readonly podIp: string;
  readonly localAddress: string;
  /** `run.ready` or `run.started` has changed. */
  readonly onChange: () => void;
  /** Whether the next one is to fail whatever the container says. */
  readonly isToFail: (kind: ProbeKind) => boolean;
  readonly onFailure: (kind: string, words: string) => void;
  readonly onWarning: (kind: string, message: string) => void;
  /** A liveness or startup probe has given up; the grace it asks for itself, in seconds. */
  readonly onKill: (kind: ProbeKind, graceSeconds: number | undefined) => void;
}

/** Starts the probes a container declares; they end when they are disposed. */
export function startProbers(run: ContainerRun, options: StartProbersOptions): Prober[] {
  const { readinessProbe, livenessProbe, startupProbe } = run.container;
  const { process, podIp, localAddress } = options;
  const target = { container: run.container, process, podIp, localAddress };

  const make = (kind: ProbeKind, probe: Probe, onResult: (result: boolean) => void) =>
    new Prober({
      kind,
      probe,
      run: async (timeoutMs) =>
        options.isToFail(kind) ? REHEARSED : await runProbe(probe, { target, timeoutMs }),
      isStarted: () => run.started,
      onResult,
      onFailure: (words) => options.onFailure(LABELS[kind], words),
      onWarning: (message) => options.onWarning(LABELS[kind], message),
    });
  const giveUp = (kind: ProbeKind, probe: Probe) =>
    options.onKill(kind, probe.terminationGracePeriodSeconds);

  const readiness =
    readinessProbe &&
    make('readiness', readinessProbe, (result) => {
      run.ready = result;
      options.onChange();
    });
  const liveness =
    livenessProbe &&
    make('liveness', livenessProbe, (result) => {
      if (!result) giveUp('liveness', livenessProbe);
    });
  const startup =
    startupProbe &&
    make('startup', startupProbe, (result) => {
      if (!result) return giveUp('startup', startupProbe);
      run.started = true;
      run.ready = !readiness;
      options.onChange();
      return readiness?.trigger();
    });
  return [readiness, liveness, startup].filter((prober) => prober !== undefined);
}

const REHEARSED = { success: false, message: 'a rehearsed fault' } as const;
const LABELS = { readiness: 'Readiness', liveness: 'Liveness', startup: 'Startup' } as const;
