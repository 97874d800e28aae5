import { expect, it } from 'vitest';
import { PendingPods } from './pending.ts';

it('gives back the highest priority first, and of equals the one that came first', () => {
  const pending = new PendingPods();
  pending.add('low', -1);
  pending.add('a', 0);
  pending.add('high', 1000);
  pending.add('b', 0);
  pending.add('a', 0);
  pending.add('gone', 5);
  pending.delete('gone');
  expect(pending.size).toBe(4);
  expect([1, 2, 3, 4, 5].map(() => pending.take())).toEqual(['high', 'a', 'b', 'low', undefined]);
});
