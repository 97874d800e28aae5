/** Counts as they go over the wire: upstream's fields are `omitempty`, a zero is not written. */
export function dropZeros<T extends Readonly<Record<string, number>>>(counts: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(counts).filter(([, count]) => count !== 0),
  ) as Partial<T>;
}
