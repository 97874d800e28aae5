import { expect, test } from 'vitest';
import type { Codec, Compressor } from './codec.ts';
import { Pace } from './pace.ts';

const rangeBytes = 16_000_000;

/** Which codecs carry a file of so many ranges, where each makes so many bytes a millisecond. */
function travel(
  rates: Readonly<Record<Codec, { raw: number; wire: number }>>,
  { ranges = 100, compressors = ['zstd', 'gzip'] as readonly Compressor[], processors = 2 } = {},
): Record<Codec, number> {
  const pace = new Pace('auto', { compressors, processors, threads: 1 });
  const carried = { none: 0, zstd: 0, gzip: 0 };
  let left = ranges;
  while (left > 0) {
    const { codec, ranges: some } = pace.choose(left);
    const { raw, wire } = rates[codec];
    const rawBytes = some * rangeBytes;
    pace.measured({ codec, rawBytes, wireBytes: (rawBytes * wire) / raw, ms: rawBytes / raw });
    carried[codec] += some;
    left -= some;
  }
  return carried;
}

test('a slow link: everything by zstd, and not a byte to find out', () => {
  const rates = {
    none: { raw: 1_250, wire: 1_250 },
    zstd: { raw: 4_600, wire: 1_250 },
    gzip: { raw: 3_800, wire: 1_250 },
  };
  expect(travel(rates)).toEqual({ none: 0, zstd: 100, gzip: 0 });
});

test('100 Mbit/s: an eighth of a range tells that zstd stays', () => {
  const rates = {
    none: { raw: 12_300, wire: 12_300 },
    zstd: { raw: 46_000, wire: 12_300 },
    gzip: { raw: 38_000, wire: 12_300 },
  };
  expect(travel(rates)).toEqual({ none: 0.125, zstd: 99.875, gzip: 0 });
});

test('a link that is faster than the compressor: half a range to find out, then as it is', () => {
  const rates = {
    none: { raw: 900_000, wire: 900_000 },
    zstd: { raw: 300_000, wire: 80_000 },
    gzip: { raw: 80_000, wire: 25_000 },
  };
  const { none, zstd } = travel(rates);
  expect(zstd).toBe(0.5);
  expect(none).toBe(99.5);
});

test('the loser is tried again if it was close', () => {
  const rates = {
    none: { raw: 250_000, wire: 250_000 },
    zstd: { raw: 300_000, wire: 80_000 },
    gzip: { raw: 80_000, wire: 25_000 },
  };
  expect(travel(rates, { ranges: 300 }).none).toBeGreaterThan(2);
  expect(travel(rates, { ranges: 300 }).none).toBeLessThan(10);
});

test.each([
  ['1 Gbit/s: gzip would be what one waits for', 112_000, 0],
  ['100 Mbit/s: gzip pays', 12_000, 99.5],
])('only gzip, %s', (_, link, gzip) => {
  const rates = {
    none: { raw: link, wire: link },
    zstd: { raw: 1, wire: 1 },
    gzip: { raw: Math.min(70_000, link * 3), wire: Math.min(23_000, link) },
  };
  expect(travel(rates, { compressors: ['gzip'] }).gzip).toBe(gzip);
});

test('nothing to compress with, or hardly a processor to do it', () => {
  const rates = {
    none: { raw: 100_000, wire: 100_000 },
    zstd: { raw: 40_000, wire: 10_000 },
    gzip: { raw: 1, wire: 1 },
  };
  expect(travel(rates, { compressors: [] })).toEqual({ none: 100, zstd: 0, gzip: 0 });
  expect(travel(rates, { processors: 0.2 }).zstd).toBe(0.25);
});

test('what was asked for is what is done, if the container can', () => {
  const means = { compressors: ['gzip'] as const, processors: 1, threads: 1 };
  expect(new Pace('gzip', means).choose(10)).toMatchObject({ codec: 'gzip', ranges: 4 });
  expect(new Pace('zstd', means).choose(10)).toMatchObject({ codec: 'none' });
});

test('a codec that fails twice is not tried a third time', () => {
  const pace = new Pace('auto', { compressors: ['zstd'], processors: 2, threads: 1 });
  for (const expected of ['zstd', 'zstd', 'none'] as const) {
    expect(pace.choose(10).codec).toBe(expected);
    pace.failed('zstd');
  }
});
