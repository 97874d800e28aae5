import { isObject } from '../json-value.ts';
import type { ListType } from '../schema/types.ts';

// The one default among the keys of built-in lists: ports without a protocol are TCP ports.
const keyDefaults: Readonly<Record<string, unknown>> = { protocol: 'TCP' };

/** How a path names an item of a list that is not atomic: `k:{"name":"web"}` or `v:"a/b"`. */
export function elementOf(type: ListType, item: unknown): string {
  if (type.relationship === 'set') return `v:${JSON.stringify(item)}`;
  const object = isObject(item) ? item : {};
  let text = 'k:{';
  for (const key of type.keys) {
    const value = object[key] ?? keyDefaults[key] ?? null;
    text += `${text.length > 3 ? ',' : ''}"${key}":${JSON.stringify(value)}`;
  }
  return `${text}}`;
}

/** The keys an item lacks, which make it impossible to name it. */
export function missingKeys(type: ListType, item: unknown): string[] {
  if (type.relationship !== 'map') return [];
  const object = isObject(item) ? item : {};
  return type.keys.filter((key) => object[key] === undefined && keyDefaults[key] === undefined);
}

/** The items by their element; more than one where a list that should not has duplicates. */
export function itemsByElement(
  type: ListType,
  list: readonly unknown[] | undefined,
): Map<string, unknown[]> {
  const items = new Map<string, unknown[]>();
  for (const item of list ?? []) {
    const element = elementOf(type, item);
    const known = items.get(element);
    if (known) known.push(item);
    else items.set(element, [item]);
  }
  return items;
}
