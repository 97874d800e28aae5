import { ApiError } from '../../api-error.ts';
import { goFormat } from '../codec/go-format.ts';
import type { GroupVersionKind } from '../group-version-kind.ts';
import { isEqual, isObject, type JsonObject } from '../json-value.ts';
import { any, type Field, type Type, typeOf } from '../schema/types.ts';
import { inServerOrder, partition, sortedLike } from './element-order.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const setElementOrder = '$setElementOrder/';
const deleteFromPrimitiveList = '$deleteFromPrimitiveList/';

/**
 * The object with the patch merged in by upstream's strategic rules; neither argument is changed.
 * Throws ApiError with upstream's words for a patch that makes no sense.
 */
export function strategicMergePatch(
  gvk: GroupVersionKind,
  object: unknown,
  patch: unknown,
): JsonObject {
  if (!isObject(patch) || !isObject(object)) {
    throw new ApiError(400, 'BadRequest', 'a strategic merge patch must be an object');
  }
  return mergeMap(object, patch, typeOf(gvk));
}

function mergeMap(original: JsonObject, patch: JsonObject, type: Type): JsonObject {
  const instruction = patch[directive];
  if (instruction === 'replace') {
    const { [directive]: _, ...replacement } = patch;
    return replacement;
  }
  if (instruction === 'delete') return {};
  if (instruction !== undefined) throw unknownDirective(instruction, patch);

  const result = withoutDroppedKeys(original, patch);
  const ordered = mergeOrderedLists(result, patch, type);
  for (const [key, value] of Object.entries(patch)) {
    if (key === retainKeys || key.startsWith(setElementOrder) || ordered.has(key)) continue;
    if (key.startsWith(deleteFromPrimitiveList)) {
      const listKey = key.slice(deleteFromPrimitiveList.length);
      const list = result[listKey];
      if (Array.isArray(list))
        result[listKey] = list.filter((item) => !listOf(value).includes(item));
      continue;
    }
    mergeField(result, key, value, fieldOf(type, key));
  }
  return result;
}

function mergeField(result: JsonObject, key: string, value: unknown, field: FieldOfMerge): void {
  if (value === null) {
    delete result[key];
    return;
  }
  const current = result[key];
  if (isObject(current) && isObject(value)) {
    result[key] =
      field.patch?.strategy === 'replace'
        ? withoutDirectives(value)
        : mergeMap(current, value, field.type);
  } else if (Array.isArray(current) && Array.isArray(value)) {
    result[key] = mergeList(current, value, field);
  } else result[key] = withoutDirectives(value);
}

function mergeList(current: unknown[], patch: unknown[], field: FieldOfMerge): unknown[] {
  if (field.patch?.strategy !== 'merge') return patch;
  if (current.length === 0 && patch.length === 0) return current;
  const { mergeKey } = field.patch;
  const isOfMaps = [...current, ...patch].some(isObject);
  if (!isOfMaps) {
    const merged = [...new Set([...current, ...patch])];
    return ordered(merged, patch, current, undefined);
  }
  if (mergeKey === undefined) {
    throw new ApiError(500, '', `cannot merge lists without merge key for ${field.name}`);
  }
  const { original, items, isReplaced } = applyListDirectives(current, patch, mergeKey);
  if (isReplaced) return items;
  const itemType = field.type.kind === 'list' ? field.type.item : any;
  const merged = [...original];
  for (const item of items) {
    const index = merged.findIndex(
      (one) => isObject(one) && isEqual(one[mergeKey], item[mergeKey]),
    );
    const found = merged[index];
    if (isObject(found)) merged[index] = mergeMap(found, item, itemType);
    else merged.push(withoutDirectives(item));
  }
  return ordered(merged, items, original, mergeKey);
}

/** `$patch: delete` and `$patch: replace` among a list's items take effect before any item is merged. */
function applyListDirectives(
  current: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
): { original: unknown[]; items: JsonObject[]; isReplaced: boolean } {
  let original = [...current];
  let isReplaced = false;
  const items: JsonObject[] = [];
  for (const item of patch) {
    if (!isObject(item)) {
      throw new ApiError(500, '', 'delete list should be of the same type as the original list');
    }
    const instruction = item[directive];
    if (instruction === undefined) items.push(item);
    else if (instruction === 'replace') isReplaced = true;
    else if (instruction === 'delete') {
      const value = mergeKeyValue(item, mergeKey);
      original = original.filter((one) => !isObject(one) || !isEqual(one[mergeKey], value));
    } else if (instruction === 'merge') {
      throw new ApiError(500, '', 'merging lists cannot yet be specified in the patch');
    } else throw unknownDirective(instruction, item);
  }
  if (!isReplaced) for (const item of items) mergeKeyValue(item, mergeKey);
  return { original, items, isReplaced };
}

/** Lists with a `$setElementOrder`; the keys returned are done with. */
function mergeOrderedLists(result: JsonObject, patch: JsonObject, type: Type): Set<string> {
  const done = new Set<string>();
  for (const [directiveKey, order] of Object.entries(patch)) {
    if (!directiveKey.startsWith(setElementOrder)) continue;
    const key = directiveKey.slice(setElementOrder.length);
    const field = fieldOf(type, key);
    const mergeKey = field.patch?.mergeKey;
    const original = result[key];
    const change = patch[key];
    if (original === undefined && change === undefined) continue;
    const orderList = listOf(order);
    checkOrder(listOf(change ?? []), orderList, mergeKey);
    let merged: unknown[];
    if (change === undefined) merged = listOf(original);
    else if (change === null) continue;
    else if (original === undefined) merged = listOf(withoutDirectives(change));
    else merged = mergeList(listOf(original), listOf(change), field);
    result[key] = ordered(merged, orderList, listOf(original ?? []), mergeKey);
    done.add(key);
  }
  return done;
}

function ordered(
  merged: readonly unknown[],
  order: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const { listed, others } = partition(merged, order, mergeKey);
  const patchItems = sortedLike(listed, order, mergeKey);
  const serverItems = sortedLike(others, serverOrder, mergeKey);
  return inServerOrder(serverItems, patchItems, { serverOrder, mergeKey });
}

function checkOrder(
  patch: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
): void {
  const items = patch.filter((item) => !isObject(item) || item[directive] === undefined);
  if (items.length === 0 || order.length === 0) return;
  let next = 0;
  for (const one of order) {
    const item = items[next];
    const isSame =
      mergeKey !== undefined && isObject(one) && isObject(item)
        ? isEqual(one[mergeKey], item[mergeKey])
        : isEqual(one, item);
    if (isSame) next += 1;
    if (next === items.length) return;
  }
  throw new ApiError(
    500,
    '',
    `The order in patch list:\n${goFormat(patch)}\n doesn't match ${setElementOrder.slice(0, -1)} list:\n${goFormat(order)}\n`,
  );
}

function withoutDroppedKeys(original: JsonObject, patch: JsonObject): JsonObject {
  const retained = patch[retainKeys];
  if (retained === undefined) return { ...original };
  const keys = new Set(listOf(retained));
  for (const [key, value] of Object.entries(patch)) {
    const isDirective = key.startsWith('$');
    if (value !== null && !isDirective && !keys.has(key)) {
      throw new ApiError(500, '', 'invalid patch format of retainKeys');
    }
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.has(key)));
}

/** Patch content that meets nothing in the object: taken as it is, less the directives and the nulls. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((item) => !isObject(item) || item[directive] === undefined)
      .map(withoutDirectives);
  }
  if (!isObject(value)) return value;
  if (value[directive] === 'delete') return {};
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const isDirective =
      key === directive ||
      key === retainKeys ||
      key.startsWith(setElementOrder) ||
      key.startsWith(deleteFromPrimitiveList);
    if (item !== null && !isDirective) result[key] = withoutDirectives(item);
  }
  return result;
}

type FieldOfMerge = Pick<Field, 'name' | 'type' | 'patch'>;

function fieldOf(type: Type, key: string): FieldOfMerge {
  const field = type.kind === 'struct' ? type.fields.get(key) : undefined;
  return field ?? { name: key, type: type.kind === 'map' ? type.value : any, patch: undefined };
}

function mergeKeyValue(item: JsonObject, mergeKey: string): unknown {
  const value = item[mergeKey];
  if (value !== undefined) return value;
  throw new ApiError(
    500,
    '',
    `map: ${goFormat(item)} does not contain declared merge key: ${mergeKey}`,
  );
}

function unknownDirective(instruction: unknown, map: JsonObject): ApiError {
  return new ApiError(
    500,
    '',
    `unknown patch type: ${goFormat(instruction)} in map: ${goFormat(map)}`,
  );
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new ApiError(500, '', `expected a list in the patch, but received ${goFormat(value)}`);
}
