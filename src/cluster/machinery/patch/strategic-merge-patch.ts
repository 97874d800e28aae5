import type { GroupVersionKind } from '../group-version-kind.ts';
import { isObject } from '../json-value.ts';

/** The object with the patch merged in by upstream's strategic rules; neither argument is changed. */
export function strategicMergePatch(
  gvk: GroupVersionKind,
  object: unknown,
  patch: unknown,
): unknown {
  if (!isObject(patch) || !isObject(object)) return patch;
  const result: Record<string, unknown> = { ...object };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = strategicMergePatch(gvk, result[key], value);
  }
  return result;
}
