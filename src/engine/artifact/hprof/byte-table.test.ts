import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createByteTable } from './byte-table.ts';

test('has the last bytes of each identifier, as a Map would', () => {
  const entries = fc.array(
    fc.record({
      id: fc.integer({ min: 0, max: 6000 }).map((number) => 0x7f00_0000_0000 + 8 * number),
      bytes: fc.uint8Array({ maxLength: 200 }),
    }),
    { maxLength: 5000, size: 'max' },
  );
  fc.assert(
    fc.property(entries, (added) => {
      const table = createByteTable();
      const map = new Map<number, Buffer>();
      for (const { id, bytes } of added) {
        table.add(id, Buffer.concat([Buffer.of(1), bytes]), { start: 1, end: 1 + bytes.length });
        map.set(id, Buffer.from(bytes));
      }
      expect([...table.ids()]).toEqual([...map.keys()]);
      expect(table.size()).toBe(map.size);
      const same = [...map].map(
        ([id, bytes]) =>
          table.get(id)?.equals(bytes) === true && table.textOf(id) === bytes.toString('latin1'),
      );
      expect(same).not.toContain(false);
      expect(table.get(8)).toBeUndefined();
    }),
    { numRuns: 3 },
  );
});
