import { describe, expect, it } from 'vitest';
import { formatAge, formatElapsed, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '30', 's', '-1s', '5 s', '1d'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

it('prints ages as kubectl does', () => {
  const ages = [5, 119, 200, 700, 7200 * 1.6, 90_000, 172_800, 8 * 86_400].map((s) =>
    formatAge(s * 1000),
  );
  expect(ages).toEqual(['5s', '119s', '3m20s', '11m', '3h12m', '25h', '2d', '8d']);
});

it('prints elapsed time for people', () => {
  expect([400, 12_345, 125_000].map(formatElapsed)).toEqual(['0.4 s', '12.3 s', '2 min 5 s']);
});
