/**
 * `next` with every part that is equal to the same part of `previous` replaced by it, in place where
 * `next` is not frozen; returns `previous` itself when all is equal. Most writes change a small part
 * of an object, and its older revisions stay in the history: kept apart, a Pod's would be 10 KB each.
 */
export function shareUnchanged(previous: unknown, next: unknown): unknown {
  if (previous === next) return previous;
  if (!isContainer(previous) || !isContainer(next)) return next;
  if (Array.isArray(previous) !== Array.isArray(next)) return next;
  const before = previous as Record<string, unknown>;
  const after = next as Record<string, unknown>;
  const isFrozen = isOurs(next);
  if (Array.isArray(next)) return shareItems(previous as unknown[], next, isFrozen);
  let count = 0;
  let isEqual = true;
  for (const key in after) {
    count++;
    const value = after[key];
    const known = before[key];
    if (value === known && (known !== undefined || Object.hasOwn(before, key))) continue;
    const shared = shareUnchanged(known, value);
    if (shared !== known) isEqual = false;
    if (shared !== value && !isFrozen) after[key] = shared;
  }
  if (!isEqual) return next;
  for (const _ in before) count--;
  return count === 0 ? previous : next;
}

function shareItems(
  before: readonly unknown[],
  after: unknown[],
  isFrozen: boolean,
): readonly unknown[] {
  let isEqual = before.length === after.length;
  for (let index = 0; index < after.length; index++) {
    const value = after[index];
    const known = before[index];
    if (value === known) continue;
    const shared = shareUnchanged(known, value);
    if (shared !== known) isEqual = false;
    if (shared !== value && !isFrozen) after[index] = shared;
  }
  return isEqual ? before : after;
}

/**
 * Freezes a JSON value to its leaves; parts frozen before (shared with an older revision) are not
 * walked again. Returns about how many bytes of heap the new parts take.
 */
export function deepFreeze(value: unknown): number {
  if (typeof value === 'string') return STRING_BYTES + value.length;
  if (!isContainer(value) || isOurs(value)) return 0;
  let bytes = CONTAINER_BYTES;
  if (Array.isArray(value)) {
    for (const part of value as unknown[]) bytes += SLOT_BYTES + deepFreeze(part);
  } else {
    for (const key in value) {
      bytes += SLOT_BYTES + deepFreeze((value as Record<string, unknown>)[key]);
    }
  }
  Object.freeze(value);
  return bytes;
}

/** Frozen to the leaves: JSON that cannot be extended was frozen here, and `isFrozen` looks at every field. */
function isOurs(value: object): boolean {
  return !Object.isExtensible(value);
}

// What V8 takes on a 64-bit machine: a header, and a pointer or a small number for each field.
const CONTAINER_BYTES = 40;
const SLOT_BYTES = 8;
const STRING_BYTES = 16;

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
