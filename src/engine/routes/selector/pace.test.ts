import { expect, it } from 'vitest';
import { Pace } from './pace.ts';

it('lets new content through at once, and the same again ever more slowly', () => {
  const pace = new Pace();
  expect(pace.allows('a', 0)).toBe(true);
  expect(pace.allows('a', 1)).toBe(true);
  expect(pace.allows('a', 50)).toBe(false);
  expect(pace.allows('a', 101)).toBe(true);
  expect(pace.allows('a', 250)).toBe(false);
  expect(pace.allows('b', 251)).toBe(true);
  expect(pace.allows('a', 252)).toBe(true);
});
