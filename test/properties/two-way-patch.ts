import { isEqual, isObject, type JsonObject } from '../../src/cluster/machinery/json-value.ts';
import type { Type } from '../../src/cluster/machinery/schema/types.ts';

/** The patch that kubectl would make: deletions spelled out, order set for every merged list. */
export function twoWayPatch(at: Type, before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return after;
  const patch: JsonObject = {};
  for (const key of Object.keys(before)) if (after[key] === undefined) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const old = before[key];
    if (isEqual(old, value)) continue;
    const field = at.kind === 'struct' ? at.fields.get(key) : undefined;
    const isMerged =
      field?.patch?.strategy === 'merge' && Array.isArray(old) && Array.isArray(value);
    if (!isMerged || field?.type.kind !== 'list') {
      patch[key] = field ? twoWayPatch(field.type, old, value) : value;
      continue;
    }
    const { mergeKey } = field.patch ?? {};
    if (mergeKey === undefined) {
      patch[`$deleteFromPrimitiveList/${key}`] = old.filter((item) => !value.includes(item));
      patch[`$setElementOrder/${key}`] = value;
      patch[key] = value.filter((item) => !old.includes(item));
      continue;
    }
    const nameOf = (item: unknown) => (item as JsonObject)[mergeKey];
    const find = (list: unknown[], name: unknown) => list.find((item) => nameOf(item) === name);
    const { item: itemType } = field.type;
    patch[`$setElementOrder/${key}`] = value.map((item) => ({ [mergeKey]: nameOf(item) }));
    patch[key] = [
      ...value.map((item) => {
        const known = find(old, nameOf(item));
        const change = known ? twoWayPatch(itemType, known, item) : item;
        return { ...(change as JsonObject), [mergeKey]: nameOf(item) };
      }),
      ...old
        .filter((item) => !find(value, nameOf(item)))
        .map((item) => ({ $patch: 'delete', [mergeKey]: nameOf(item) })),
    ];
  }
  return patch;
}
