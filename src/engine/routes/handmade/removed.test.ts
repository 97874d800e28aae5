import fc from 'fast-check';
import type { Endpoints } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import type { RemovedEntry } from '../../session/entry-record.ts';
import { putIn, takeOut } from './removed.ts';
import { rowsOf, subsetsOf } from './rows.ts';

interface Entry {
  readonly addresses: readonly string[];
  readonly zone?: string;
}

/** What two sessions do to one list, in any order of coming and going. */
describe('takeOut and putIn', () => {
  const address = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const entry = fc.record(
    {
      addresses: fc.uniqueArray(address, { minLength: 1, maxLength: 3 }),
      zone: fc.constantFrom('z1', 'z2'),
    },
    { requiredKeys: ['addresses'], noNullPrototype: true },
  );
  const list = fc.uniqueArray(entry, {
    maxLength: 8,
    comparator: (one, two) => JSON.stringify(one) === JSON.stringify(two),
  });

  function take(now: readonly Entry[], before: readonly RemovedEntry[], out: string) {
    return takeOut(now, before, (each) => each.addresses.filter((one) => one === out));
  }

  it('comes back to exactly the same list, whoever of two goes home first', () => {
    fc.assert(
      fc.property(list, fc.boolean(), (before, firstGoesFirst) => {
        const one = take(before, [], 'a');
        const two = take(one.left, one.removed, 'b');
        expect(two.left.flatMap(({ addresses }) => addresses)).not.toContain('a');
        expect(two.left.flatMap(({ addresses }) => addresses)).not.toContain('b');
        const [goes, stays, out] = firstGoesFirst
          ? [one.removed, two.removed, 'b']
          : [two.removed, one.removed, 'a'];
        const half = putIn(two.left, goes, stays);
        expect(half.flatMap(({ addresses }) => addresses)).not.toContain(out);
        expect(putIn(half, stays, [])).toEqual(before);
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not double what somebody else has put back, and lives with a shorter list', () => {
    const { removed } = take([{ addresses: ['x'] }, { addresses: ['a'] }], [], 'a');
    expect(putIn([{ addresses: ['a'] }], removed, [])).toEqual([{ addresses: ['a'] }]);
    expect(putIn<Entry>([], removed, [])).toEqual([{ addresses: ['a'] }]);
  });
});

describe('rows of Endpoints', () => {
  it('make the same subsets again', () => {
    const endpoints: Endpoints = {
      subsets: [
        {
          addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2', hostname: 'two' }],
          notReadyAddresses: [{ ip: '10.0.0.3' }],
          ports: [{ port: 80 }],
        },
        { addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 90 }] },
        { notReadyAddresses: [{ ip: '10.0.0.4' }] },
      ],
    };
    expect(subsetsOf(rowsOf(endpoints))).toEqual(endpoints.subsets);
  });
});
