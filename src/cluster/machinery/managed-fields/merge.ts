import { isObject, type JsonObject } from '../json-value.ts';
import { type ListType, type Type } from '../schema/types.ts';
import { entryType, resolve } from './compare.ts';
import { below, type FieldSet, isEmptySet, isMember } from './field-set.ts';
import { elementOf, itemsByElement } from './list-elements.ts';

/** The live value with the applied one laid over it; atomic values are replaced as one piece. */
export function merge(type: Type, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  const shape = resolve(type, applied);
  if (shape === 'leaf') return applied;
  if (shape === 'list') {
    const left = Array.isArray(live) ? live : [];
    const right = Array.isArray(applied) ? applied : [];
    if (left.length === 0 && right.length === 0) return applied;
    return mergeItems(type as ListType, left, right);
  }
  const left = isObject(live) ? live : {};
  const right = isObject(applied) ? applied : {};
  if (Object.keys(left).length === 0 && Object.keys(right).length === 0) return applied;
  const result: JsonObject = { ...left };
  for (const [key, value] of Object.entries(right)) {
    result[key] = merge(entryType(type, key), left[key], value);
  }
  return result;
}

/** Both lists' items, the applied order kept, live-only items where they were between their neighbours. */
function mergeItems(
  type: ListType,
  live: readonly unknown[],
  applied: readonly unknown[],
): unknown[] {
  const liveItems = itemsByElement(type, live);
  const appliedItems = itemsByElement(type, applied);
  const left = live.map((item) => elementOf(type, item));
  const right = [...appliedItems.keys()];
  const shared = right.filter((element) => liveItems.has(element));
  const merged = new Set<string>();
  const result: unknown[] = [];
  let l = 0;
  let r = 0;

  function take(element: string): void {
    merged.add(element);
    const [ours] = liveItems.get(element) ?? [];
    const [theirs] = appliedItems.get(element) ?? [];
    result.push(merge(type.item, ours, theirs));
    if (shared[0] === element) shared.shift();
  }

  while (l < left.length || r < right.length) {
    const ours = left[l];
    const theirs = right[r];
    if (ours !== undefined && ours === theirs) {
      take(ours);
      l += 1;
      r += 1;
    } else if (
      ours !== undefined &&
      theirs !== undefined &&
      appliedItems.has(ours) &&
      shared[0] !== undefined &&
      shared[0] !== ours
    ) {
      l += 1;
    } else if (ours !== undefined && !appliedItems.has(ours)) {
      result.push(live[l]);
      l += 1;
    } else {
      if (ours !== undefined && merged.has(ours)) l += 1;
      if (theirs !== undefined) {
        take(theirs);
        r += 1;
      }
    }
  }
  return result;
}

/** The value without the list items, map entries and fields in the set; what is left empty becomes null. */
export function removeFields(type: Type, value: unknown, set: FieldSet): unknown {
  if (isEmptySet(set)) return value;
  const shape = resolve(type, value);
  if (shape === 'list' && Array.isArray(value)) {
    const kept: unknown[] = [];
    for (const item of value as unknown[]) {
      const node = set[elementOf(type as ListType, item)];
      if (node === undefined) kept.push(item);
      else if (!isMember(node)) kept.push(removeFields((type as ListType).item, item, below(node)));
    }
    return kept.length > 0 ? kept : null;
  }
  if (shape === 'map' && isObject(value)) {
    const kept: JsonObject = {};
    for (const [key, entry] of Object.entries(value)) {
      const node = set[`f:${key}`];
      if (node === undefined) kept[key] = entry;
      else if (!isMember(node)) kept[key] = removeFields(entryType(type, key), entry, below(node));
    }
    return Object.keys(kept).length > 0 ? kept : null;
  }
  return value;
}
