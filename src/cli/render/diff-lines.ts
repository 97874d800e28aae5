interface DiffLine {
  readonly sign: ' ' | '+' | '-';
  readonly line: string;
}

/** Two short YAML fragments as a diff shows them: what goes stands before the first line that comes. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const gone = before
    .filter((line) => !after.includes(line))
    .map((line): DiffLine => ({ sign: '-', line }));
  const shown = after.map((line): DiffLine => {
    return { sign: before.includes(line) ? ' ' : '+', line };
  });
  const first = shown.findIndex(({ sign }) => sign === '+');
  const at = first < 0 ? shown.length : first;
  return [...shown.slice(0, at), ...gone, ...shown.slice(at)];
}
