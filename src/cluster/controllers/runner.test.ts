import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../api-error.ts';
import { type Controller, type Queue, runController } from './runner.ts';
import { ManualClock } from './test-cluster.ts';

function run(reconcile: Controller['reconcile'], retry: Controller['retry'] = {}) {
  const clock = new ManualClock();
  const errors: unknown[] = [];
  let queue!: Queue;
  const running = runController(
    { name: 'test', watch: (given) => (queue = given), reconcile, retry },
    { clock, onError: (controller, key, error) => errors.push([controller, key, error]) },
  );
  return { clock, errors, queue, running };
}

describe('runController()', () => {
  it('reconciles off the call stack of the one who asked', async () => {
    const seen: string[] = [];
    const { queue, running } = run((key) => void seen.push(key));
    using _running = running;
    queue.add('a');
    expect(seen).toEqual([]);
    await turn();
    expect(seen).toEqual(['a']);
  });

  it('comes back when a reconcile asks for it', async () => {
    const seen: string[] = [];
    const { queue, running, clock } = run((key) => {
      seen.push(key);
      return seen.length === 1 ? { requeueAfterMs: 1000 } : undefined;
    });
    using _running = running;
    queue.add('a');
    await turn();
    clock.advance(999);
    await turn();
    expect(seen).toEqual(['a']);
    clock.advance(1);
    await turn();
    expect(seen).toEqual(['a', 'a']);
    expect(clock.waiting).toBe(0);
  });

  it('reports errors, but conflicts and missing objects it only retries', async () => {
    const thrown = [
      new Error('broken'),
      new ApiError(409, 'Conflict', ''),
      new ApiError(404, 'NotFound', ''),
    ];
    let calls = 0;
    const { queue, running, clock, errors } = run(() => {
      const error = thrown[calls++];
      if (error) throw error;
    });
    using _running = running;
    queue.add('a');
    for (let round = 0; round < 5; round += 1) {
      await turn();
      clock.advance(1000);
    }
    expect(calls).toBe(4);
    expect(errors).toEqual([['test', 'a', thrown[0]]]);
  });

  it('gives up a key after its retries, until it is asked for again', async () => {
    let calls = 0;
    const { queue, running, clock } = run(
      () => {
        calls += 1;
        throw new Error('broken');
      },
      { baseDelayMs: 1000, maxRetries: 2 },
    );
    using _running = running;
    queue.add('a');
    for (let round = 0; round < 10; round += 1) {
      await turn();
      clock.advance(10_000);
    }
    expect(calls).toBe(3);
    queue.add('a');
    await turn();
    expect(calls).toBe(4);
  });

  it('stops at once', async () => {
    let calls = 0;
    const { queue, running, clock } = run(() => void (calls += 1));
    queue.add('a');
    running[Symbol.dispose]();
    await turn();
    queue.add('b');
    await turn();
    expect(calls + clock.waiting).toBe(0);
  });
});
