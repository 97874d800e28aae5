import { expect, it } from 'vitest';
import { formatDelay, nextBackOff, waitsUntil, type BackOff } from './back-off.ts';

it('restarts at once the first time, then after 10 s, doubled up to 5 min', () => {
  let backOff: BackOff | undefined;
  let now = 0;
  const delays: number[] = [];
  for (let crash = 0; crash < 8; crash += 1) {
    const start = waitsUntil(backOff, now) ?? now;
    delays.push((start - now) / 1000);
    backOff = nextBackOff(backOff, { endedAt: now, now: start });
    now = start + 1000;
  }
  expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
});

it('forgets after ten minutes that went well', () => {
  const backOff = { delayMs: 160_000, updatedAt: 0 };
  expect(waitsUntil(backOff, 601_000)).toBeUndefined();
  expect(nextBackOff(backOff, { endedAt: 601_000, now: 601_000 }).delayMs).toBe(10_000);
});

it('prints delays as Go does', () => {
  expect([10_000, 80_000, 300_000].map(formatDelay)).toEqual(['10s', '1m20s', '5m0s']);
});
