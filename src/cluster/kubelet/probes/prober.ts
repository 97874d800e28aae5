import type { Probe } from 'kubernetes-types/core/v1.js';
import { setTimeout as delay } from 'node:timers/promises';
import {
  countProbe,
  initialState,
  thresholdsOf,
  type ProbeKind,
  type ProbeState,
} from './probe-arithmetic.ts';
import type { ProbeOutcome } from './run-probe.ts';

export interface ProberOptions {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly run: (timeoutMs: number) => Promise<ProbeOutcome>;
  /** Whether the startup probe has succeeded, or there is none. */
  readonly isStarted: () => boolean;
  /** Called when the result changes. */
  readonly onResult: (result: boolean) => void;
  /** Called with each outcome that is no success: `failed: …`, or `errored …` where it could not be run. */
  readonly onFailure: (words: string) => void;
  /** Called with each success that is doubtful. */
  readonly onWarning?: (message: string) => void;
  /** For tests: how to wait. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Probes one container from its start to its end, once per period. */
export class Prober implements Disposable {
  readonly #options: ProberOptions;
  readonly #abort = new AbortController();
  #state: ProbeState;
  #trigger = Promise.withResolvers<void>();
  /** The loop; resolves when the prober is stopped or has nothing left to do. */
  readonly done: Promise<void>;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#state = initialState(options.kind);
    this.done = this.#loop();
  }

  get result(): boolean | undefined {
    return this.#state.result;
  }

  /** Probes now instead of at the next tick: the startup probe has just succeeded. */
  trigger(): void {
    this.#trigger.resolve();
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
    this.#trigger.resolve();
  }

  async #loop(): Promise<void> {
    const { kind, probe, isStarted } = this.#options;
    const thresholds = thresholdsOf(probe);
    const { signal } = this.#abort;
    await this.#wait(thresholds.initialDelayMs);
    while (!signal.aborted && !this.#state.onHold) {
      const tick = this.#wait(thresholds.periodMs);
      if (kind === 'startup' ? this.#state.result !== true : isStarted()) await this.#probe();
      if (kind === 'startup' && this.#state.result === true) return;
      await tick;
    }
  }

  async #probe(): Promise<void> {
    const { kind, probe, run, onResult, onFailure } = this.#options;
    const thresholds = thresholdsOf(probe);
    const { success, message, warning, isUnknown } = await run(thresholds.timeoutMs);
    if (this.#abort.signal.aborted) return;
    if (isUnknown) return onFailure(`errored and resulted in unknown state: ${message}`);
    const before = this.#state.result;
    this.#state = countProbe(kind, this.#state, { success, thresholds });
    if (!success) onFailure(`failed: ${message}`);
    if (warning !== undefined) this.#options.onWarning?.(warning);
    const { result } = this.#state;
    if (result !== undefined && result !== before) onResult(result);
  }

  async #wait(ms: number): Promise<void> {
    if (ms === 0) return;
    const { sleep = (time: number, signal: AbortSignal) => delay(time, undefined, { signal }) } =
      this.#options;
    const done = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, done.signal]);
    this.#trigger = Promise.withResolvers();
    await Promise.race([sleep(ms, signal).catch(() => {}), this.#trigger.promise]);
    done.abort();
  }
}
