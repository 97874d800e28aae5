/** A deep copy of a JSON value, without the fields that are `undefined`. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => cloneJson(item)) as T;
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    const field = value[key];
    if (field !== undefined) copy[key] = cloneJson(field);
  }
  return copy as T;
}
