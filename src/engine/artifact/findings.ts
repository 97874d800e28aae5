/** What a look through an artifact tells. JSON-shaped: `inspect -o json` and the Session show it as it is. */
export interface Findings {
  /** One line a fact: `850,000 objects of 1,204 classes`. */
  readonly facts: readonly string[];
  /** The most telling first. */
  readonly tables: readonly FindingsTable[];
}

/** What there is most of. */
export interface FindingsTable {
  readonly title: string;
  /** What the names name: `class`, `function`. */
  readonly noun: string;
  readonly unit: Unit;
  /** The largest first, as many as were asked for. */
  readonly rows: readonly FindingsRow[];
  /** Of all rows, also of those that are not listed. */
  readonly total: FindingsRow;
  /** How many there are in all. */
  readonly length: number;
}

export type Unit = 'bytes' | 'count' | 'nanoseconds';

export interface FindingsRow {
  readonly name: string;
  /** How many objects, samples, events; absent where `value` is that count itself. */
  readonly count?: number;
  readonly value: number;
}

/** The largest `top` of all rows, and the sum of all. */
export function rank(
  rows: readonly FindingsRow[],
  { top, ...about }: { readonly top: number } & Pick<FindingsTable, 'title' | 'noun' | 'unit'>,
): FindingsTable {
  const counted = rows.some(({ count }) => count !== undefined);
  const sum = (of: (row: FindingsRow) => number) => rows.reduce((all, row) => all + of(row), 0);
  return {
    ...about,
    rows: [...rows]
      .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : Number(a.name > b.name)))
      .slice(0, top),
    total: {
      name: 'total',
      ...(counted && { count: sum(({ count = 0 }) => count) }),
      value: sum(({ value }) => value),
    },
    length: rows.length,
  };
}
