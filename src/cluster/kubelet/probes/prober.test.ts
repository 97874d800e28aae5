import { expect, it } from 'vitest';
import { Prober, type ProberOptions } from './prober.ts';

/** Time that passes only by waiting for it. */
class Clock {
  now = 0;
  readonly #waiting: { readonly at: number; readonly wake: () => void }[] = [];

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ at: this.now + ms, wake: resolve });
    signal.addEventListener('abort', () => resolve());
    return promise;
  };

  async to(time: number): Promise<void> {
    for (;;) {
      await settle();
      const next = this.#waiting.filter(({ at }) => at <= time).toSorted((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.now = Math.max(this.now, next.at);
      next.wake();
    }
    this.now = time;
  }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function start(
  options: Pick<ProberOptions, 'kind' | 'probe'> & {
    succeeds: (now: number) => boolean | undefined;
    started?: boolean;
  },
) {
  const clock = new Clock();
  const probed: number[] = [];
  const results: string[] = [];
  const failures: string[] = [];
  const state = { started: options.started ?? true };
  const prober = new Prober({
    kind: options.kind,
    probe: options.probe,
    run: () => {
      probed.push(clock.now);
      const success = options.succeeds(clock.now);
      if (success !== undefined) return Promise.resolve({ success, message: 'no' });
      return Promise.resolve({ success: false, message: 'no such port', isUnknown: true as const });
    },
    isStarted: () => state.started,
    onResult: (result) => results.push(`${clock.now} ${result}`),
    onFailure: (words) => failures.push(words),
    sleep: clock.sleep,
  });
  return { clock, probed, results, failures, state, prober };
}

it('kills between (F−1)·P and F·P after a freeze, and then rests', async () => {
  const { clock, probed, results, prober } = start({
    kind: 'liveness',
    probe: { periodSeconds: 10, failureThreshold: 3 },
    succeeds: (now) => now < 25_000,
  });
  await clock.to(120_000);
  expect(probed).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000]);
  expect(results).toEqual(['50000 false']);
  prober[Symbol.dispose]();
});

it('waits the initial delay, then probes once a period', async () => {
  using prober = start({
    kind: 'readiness',
    probe: { initialDelaySeconds: 5, periodSeconds: 2 },
    succeeds: () => true,
  }).prober;
  expect(prober.result).toBe(false);
  const other = start({
    kind: 'readiness',
    probe: { initialDelaySeconds: 5, periodSeconds: 2 },
    succeeds: () => true,
  });
  await other.clock.to(10_000);
  expect(other.probed).toEqual([5000, 7000, 9000]);
  expect(other.results).toEqual(['5000 true']);
  other.prober[Symbol.dispose]();
});

it('holds the others back until startup has succeeded, and probes readiness at once then', async () => {
  const ready = start({
    kind: 'readiness',
    probe: { periodSeconds: 10 },
    succeeds: () => true,
    started: false,
  });
  await ready.clock.to(13_000);
  expect(ready.probed).toEqual([]);
  ready.state.started = true;
  ready.prober.trigger();
  await ready.clock.to(14_000);
  expect(ready.results).toEqual(['13000 true']);
  ready.prober[Symbol.dispose]();
});

it('ends a startup probe with its first success', async () => {
  const { clock, probed, prober } = start({
    kind: 'startup',
    probe: { periodSeconds: 1 },
    succeeds: (now) => now >= 2000,
  });
  await clock.to(10_000);
  await prober.done;
  expect(probed).toEqual([0, 1000, 2000]);
});

it('tells of a probe that cannot be run, and counts it neither way', async () => {
  const { clock, results, failures, prober } = start({
    kind: 'liveness',
    probe: { periodSeconds: 10, failureThreshold: 2 },
    succeeds: (now) => (now === 10_000 ? undefined : false),
  });
  await clock.to(15_000);
  expect(failures).toEqual(['failed: no', 'errored and resulted in unknown state: no such port']);
  expect(results).toEqual([]);
  await clock.to(20_000);
  expect(results).toEqual(['20000 false']);
  prober[Symbol.dispose]();
});
