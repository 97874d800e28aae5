import { expect, test } from 'vitest';
import { ServerClock } from './server-clock.ts';

const noon = Date.parse('2026-11-23T12:00:00Z');
const said = (ms: number) => new Date(ms).toUTCString();

test('knows nothing before the first answer, nor from one without a date', () => {
  const clock = new ServerClock();
  clock.observe(undefined, noon, noon + 5);
  clock.observe('yesterday', noon, noon + 5);
  expect(clock.skewMs).toBeUndefined();
});

test('says 0 as long as both clocks may show the same', () => {
  const clock = new ServerClock();
  clock.observe(said(noon), noon + 990, noon + 1_050);
  clock.observe(said(noon + 1_000), noon + 1_010, noon + 1_020);
  expect(clock.skewMs).toBe(0);
});

test('narrows a difference down with every answer', () => {
  const clock = new ServerClock();
  const aheadMs = 90_300;
  for (let ms = 0; ms < 3_000; ms += 130) {
    clock.observe(said(noon + ms + aheadMs), noon + ms - 10, noon + ms + 10);
  }
  expect(Math.abs((clock.skewMs ?? 0) - aheadMs)).toBeLessThan(150);
});

test('begins anew when a clock is set', () => {
  const clock = new ServerClock();
  clock.observe(said(noon + 60_000), noon, noon + 10);
  clock.observe(said(noon), noon + 20, noon + 30);
  expect(clock.skewMs).toBe(0);
});
