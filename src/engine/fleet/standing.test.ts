import fc from 'fast-check';
import { expect, it } from 'vitest';
import { standing, type SessionOut } from './standing.ts';

function out(id: string, second: number, isReturning = false): SessionOut {
  return { id, pod: `web-${id}`, startedAt: `2026-11-23T10:00:0${second}Z`, isReturning };
}

it('the later one goes home, the earlier one waits for that', () => {
  const both = [out('b', 1), out('a', 2)];
  expect(standing(both, 'a', { maxOut: 1 }).kind).toBe('beyond');
  expect(standing(both, 'b', { maxOut: 1 }).kind).toBe('waits');
  expect(standing(both, 'a', { maxOut: 2 }).kind).toBe('within');
});

it('of the same moment the id decides', () => {
  const both = [out('b', 1), out('a', 1)];
  expect(standing(both, 'a', { maxOut: 1 }).kind).toBe('waits');
  expect(standing(both, 'b', { maxOut: 1 }).kind).toBe('beyond');
});

it('one that is on its way home makes room', () => {
  expect(standing([out('a', 1, true), out('b', 2)], 'b', { maxOut: 1 }).kind).toBe('within');
});

it('in whatever order they write and look, no more than maxOut work at once', () => {
  const step = fc.record({ session: fc.nat(4), does: fc.constantFrom('write', 'look') });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }),
      (steps, maxOut, seconds) => {
        const written = new Map<number, SessionOut>();
        const working = new Set<number>();
        for (const { session, does } of steps) {
          if (does === 'write' && !written.has(session)) {
            written.set(session, out(String(session), seconds[session] ?? 0));
          }
          if (does === 'look' && written.has(session) && !working.has(session)) {
            const { kind } = standing([...written.values()], String(session), { maxOut });
            if (kind === 'within') working.add(session);
            if (kind === 'beyond') written.delete(session);
          }
          expect(working.size).toBeLessThanOrEqual(maxOut);
        }
      },
    ),
  );
});
