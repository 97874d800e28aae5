/** A JSON object as the codecs, patches and defaults see it before anything is known about its kind. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Structural equality of two JSON values; the order of keys does not count, absent and undefined are alike. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index += 1) {
      if (!isEqual(a[index], b[index])) return false;
    }
    return true;
  }
  if (!isObject(a) || !isObject(b)) return false;
  let sizeOfA = 0;
  for (const key in a) {
    if (a[key] === undefined) continue;
    sizeOfA += 1;
    if (!isEqual(a[key], b[key])) return false;
  }
  let sizeOfB = 0;
  for (const key in b) if (b[key] !== undefined) sizeOfB += 1;
  return sizeOfA === sizeOfB;
}
