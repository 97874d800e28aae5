import { createIdTable, numberFor, numberOf } from './id-table.ts';

/** Texts by their identifiers, as bytes one behind the other: a large program has a million of them. */
export interface Names {
  /** The bytes of `data` from `start` on are the text of `id`; of two for the same, the later one counts. */
  add(id: number, data: Buffer, range: { readonly start: number; readonly end: number }): void;
  readonly textOf: (id: number) => string | undefined;
}

export function createNames(): Names {
  const ids = createIdTable();
  /** By number: where the text begins and ends. */
  let ranges = new Float64Array(4096);
  let texts = Buffer.allocUnsafeSlow(64 * 1024);
  let used = 0;

  function room(ranged: number, bytes: number): void {
    if (ranged > ranges.length) {
      const larger = new Float64Array(2 * ranged);
      larger.set(ranges);
      ranges = larger;
    }
    if (used + bytes > texts.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (used + bytes));
      texts.copy(larger, 0, 0, used);
      texts = larger;
    }
  }

  return {
    add(id, data, { start, end }) {
      const at = 2 * numberFor(ids, id);
      room(at + 2, end - start);
      ranges[at] = used;
      // Most are shorter than what a call of copy() costs.
      for (let from = start; from < end; from += 1) texts[used++] = data[from] as number;
      ranges[at + 1] = used;
    },
    textOf(id) {
      const number = numberOf(ids, id);
      if (number === undefined) return undefined;
      return texts.toString('latin1', ranges[2 * number], ranges[2 * number + 1]);
    },
  };
}
