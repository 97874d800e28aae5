/** An IntOrString of which strings are percentages: `2` is 2, `'25%'` of 10 is 2.5, rounded as told. */
export function scaledValue(
  value: number | string,
  total: number,
  round: (exact: number) => number,
): number {
  if (typeof value === 'number') return value;
  // Percent times total first: 0.07 * 100 is not 7 in floating point.
  return round((Number.parseInt(value, 10) * total) / 100);
}
