import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstFreeIndexes, formatIndexes, parseIndexes } from './indexes.ts';

const indexes = fc.uniqueArray(fc.nat(60)).map((all) => new Set(all));

describe('completion indexes', () => {
  it('are written as runs', () => {
    expect(formatIndexes([7, 3, 5, 4, 1, 0])).toBe('0,1,3-5,7');
    expect(formatIndexes([])).toBe('');
    expect([...parseIndexes('0,1,3-5,7', 5)]).toEqual([0, 1, 3, 4]);
  });

  it('come back from how they are written', () => {
    fc.assert(
      fc.property(indexes, (set) => {
        expect(parseIndexes(formatIndexes(set))).toEqual(new Set([...set].sort((a, b) => a - b)));
      }),
    );
  });

  it('that are free are the lowest ones that nobody has', () => {
    fc.assert(
      fc.property(indexes, indexes, fc.nat(70), fc.nat(20), (a, b, completions, count) => {
        const free = firstFreeIndexes(count, completions, [a, b]);
        const expected = Array.from({ length: completions }, (_, index) => index)
          .filter((index) => !a.has(index) && !b.has(index))
          .slice(0, count);
        expect(free).toEqual(expected);
      }),
    );
  });
});
