/** A list as Go's `%q` prints it: `["a" "b"]`. */
export function quoted(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}
