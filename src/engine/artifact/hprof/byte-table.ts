import { createIdTable, idsOf, numberFor, numberOf } from './id-table.ts';

/**
 * Bytes by their identifiers, one behind the other, as they stand in the dump: of a large program it
 * has a million names, and as objects they would be most of the memory.
 */
export interface ByteTable {
  /** Of two for the same identifier the later one counts. */
  add(id: number, bytes: Uint8Array, range: { readonly start: number; readonly end: number }): void;
  readonly get: (id: number) => Buffer | undefined;
  /** The same as Latin-1. */
  readonly textOf: (id: number) => string | undefined;
  /** In the order in which they came first. */
  readonly ids: () => Float64Array;
  readonly size: () => number;
}

/** Shorter ones are copied faster byte by byte. */
const shortBytes = 64;

export function createByteTable(): ByteTable {
  const table = createIdTable();
  /** By number: where the bytes begin and end. */
  let ranges = new Float64Array(4096);
  let all = Buffer.allocUnsafeSlow(64 * 1024);
  let used = 0;

  function room(ranged: number, bytes: number): void {
    if (ranged > ranges.length) {
      const larger = new Float64Array(2 * ranges.length);
      larger.set(ranges);
      ranges = larger;
    }
    if (used + bytes > all.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (used + bytes));
      all.copy(larger, 0, 0, used);
      all = larger;
    }
  }

  return {
    add(id, bytes, { start, end }) {
      const at = 2 * numberFor(table, id);
      const length = end - start;
      room(at + 2, length);
      if (length > shortBytes) all.set(bytes.subarray(start, end), used);
      else for (let byte = 0; byte < length; byte += 1) all[used + byte] = bytes[start + byte] ?? 0;
      ranges[at] = used;
      ranges[at + 1] = used += length;
    },
    get(id) {
      const number = numberOf(table, id);
      if (number === undefined) return undefined;
      return all.subarray(ranges[2 * number], ranges[2 * number + 1]);
    },
    textOf(id) {
      const number = numberOf(table, id);
      if (number === undefined) return undefined;
      return all.toString('latin1', ranges[2 * number], ranges[2 * number + 1]);
    },
    ids: () => idsOf(table),
    size: () => table.size,
  };
}
