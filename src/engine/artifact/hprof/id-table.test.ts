import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIdTable, idsOf, numberFor, numberOf } from './id-table.ts';

test('numbers identifiers as a Map would, however many there are', () => {
  const identifiers = fc.array(
    fc.oneof(
      fc.integer({ min: 0, max: 50 }).map((number) => 8 * number),
      fc.integer({ min: 0, max: 4000 }).map((number) => 0x7f00_0000_0000 + 112 * number),
      fc.maxSafeNat(),
    ),
    { maxLength: 2000, size: 'max' },
  );
  fc.assert(
    fc.property(identifiers, (ids) => {
      const table = createIdTable();
      const numbers = new Map<number, number>();
      const seen = ids.map((id) => {
        const before = numberOf(table, id);
        const known = numbers.get(id);
        if (known === undefined) numbers.set(id, numbers.size);
        return before === known && numberFor(table, id) === numbers.get(id);
      });
      expect(seen).not.toContain(false);
      expect([...idsOf(table)]).toEqual([...numbers.keys()]);
      expect(table.size).toBe(numbers.size);
    }),
    { numRuns: 10 },
  );
});

test('an identifier that is none has no number', () => {
  const table = createIdTable();
  numberFor(table, 0);
  expect(numberOf(table, -1)).toBeUndefined();
});
