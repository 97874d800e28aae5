import { describe, expect, it } from 'vitest';
import { ManualClock } from './test-cluster.ts';
import { WorkQueue } from './work-queue.ts';

function setUp() {
  const clock = new ManualClock();
  let wakeUps = 0;
  const queue = new WorkQueue({ clock, onReady: () => (wakeUps += 1) });
  return { clock, queue, wakeUps: () => wakeUps };
}

describe('WorkQueue', () => {
  it('holds a key once, in the order of arrival', () => {
    const { queue } = setUp();
    for (const key of ['a', 'b', 'a']) queue.add(key);
    expect([queue.take(), queue.take(), queue.take()]).toEqual(['a', 'b', undefined]);
  });

  it('keeps back a key that is being worked on, and gives it again when that is done', () => {
    const { queue } = setUp();
    queue.add('a');
    expect(queue.take()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect(queue.take()).toBeUndefined();
    queue.done('a');
    expect(queue.take()).toBe('a');
    queue.done('a');
    expect(queue.take()).toBeUndefined();
  });

  it('doubles the delay of a failing key from 5 ms to 1,000 s, until it is forgotten', () => {
    const { clock, queue } = setUp();
    const delays = Array.from({ length: 20 }, () => {
      queue.addRateLimited('a');
      let delay = 0;
      while (queue.size === 0) {
        clock.advance(1);
        delay += 1;
        if (delay > 6000) {
          clock.advance(1_000_000 - delay);
          delay = 1_000_000;
        }
      }
      queue.take();
      queue.done('a');
      return delay;
    });
    expect(delays.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(delays.at(-1)).toBe(1_000_000);
    queue.forget('a');
    expect(queue.failuresOf('a')).toBe(0);
  });

  it('takes the earlier of two delays', () => {
    const { clock, queue } = setUp();
    queue.addAfter('a', 50);
    queue.addAfter('a', 10);
    queue.addAfter('a', 100);
    clock.advance(10);
    expect(queue.take()).toBe('a');
    queue.done('a');
    clock.advance(1000);
    expect(queue.take()).toBeUndefined();
  });

  it('leaves no timer behind', () => {
    const { clock, queue, wakeUps } = setUp();
    queue.addAfter('a', 10);
    queue.addRateLimited('b');
    queue[Symbol.dispose]();
    expect(clock.waiting).toBe(0);
    queue.add('c');
    queue.addAfter('d', 1);
    expect(clock.waiting + wakeUps()).toBe(0);
  });
});
