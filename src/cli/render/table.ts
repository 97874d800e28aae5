/** kubectl's table: upper-case heads, columns three spaces apart, no trailing spaces. */
export function renderTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { headers = true }: { readonly headers?: boolean | undefined } = {},
): string {
  const lines = headers ? [heads, ...rows] : rows;
  const widths = heads.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
