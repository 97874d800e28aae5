import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { areOutdated, isNearlyFull, nodeConditions } from './node-conditions.ts';

test('a disk is nearly full when both a tenth and a gigabyte are more than is left', () => {
  const gigabyte = 1024 ** 3;
  expect(isNearlyFull({ free: 2 * gigabyte, total: 500 * gigabyte })).toBe(false);
  expect(isNearlyFull({ free: 0.5 * gigabyte, total: 500 * gigabyte })).toBe(true);
  expect(isNearlyFull({ free: 0.5 * gigabyte, total: gigabyte })).toBe(false);
});

test('keeps when a condition came to be so, and says again what is old', () => {
  const directory = tmpdir();
  const conditions = nodeConditions(undefined, { directory, now: 0 });
  const before = { status: { conditions } };
  const later = nodeConditions(before, { directory, now: 60_000 });
  expect(later.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(
    conditions.map(() => '1970-01-01T00:00:00Z'),
  );
  expect(areOutdated(before, later, 300_000)).toBe(false);
  expect(areOutdated(before, nodeConditions(before, { directory, now: 300_000 }), 300_000)).toBe(
    true,
  );
  const lost = conditions.map((one) => ({ ...one, status: 'Unknown' }));
  expect(areOutdated({ status: { conditions: lost } }, later, 300_000)).toBe(true);
});
