import { isObject, type JsonObject } from '../json-value.ts';
import { type ListType, type Type } from '../schema/types.ts';
import { entryType, resolve } from './compare.ts';
import { type FieldSet, type FieldSetBuilder, insert } from './field-set.ts';
import { elementOf } from './list-elements.ts';

/** Every field the value sets: what an applier claims by applying it. */
export function toFieldSet(type: Type, value: unknown): FieldSet {
  const set: FieldSetBuilder = {};
  collect(type, value, [], set);
  return set;
}

function collect(type: Type, value: unknown, path: string[], set: FieldSetBuilder): void {
  const shape = resolve(type, value);
  if (shape === 'leaf') {
    if (path.length > 0) insert(set, path);
  } else if (shape === 'list') {
    if (Array.isArray(value)) items(type as ListType, value, path, set);
  } else if (isObject(value)) entries(type, value, path, set);
}

function items(
  type: ListType,
  list: readonly unknown[],
  path: string[],
  set: FieldSetBuilder,
): void {
  for (const item of list) {
    path.push(elementOf(type, item));
    collect(type.item, item, path, set);
    insert(set, path);
    path.pop();
  }
}

// A struct's field is claimed through what is set below it; a map's key, and an empty or null value, as such.
function entries(type: Type, object: JsonObject, path: string[], set: FieldSetBuilder): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    path.push(`f:${key}`);
    collect(entryType(type, key), value, path, set);
    const isField = type.kind === 'struct' && type.fields.has(key);
    const isEmpty = value === null || (isObject(value) && Object.keys(value).length === 0);
    if (isEmpty || !isField) insert(set, path);
    path.pop();
  }
}

/** The set with every struct field on the way to a member a member too. */
export function withNamedFields(set: FieldSet, type: Type): FieldSet {
  const result: FieldSetBuilder = {};
  for (const element in set) {
    const child = set[element] ?? {};
    if (element === '.') {
      result[element] = {};
      continue;
    }
    const childType = typeBelow(type, element);
    const inner = withNamedFields(child, childType);
    const isNamed =
      type.kind === 'struct' && element.startsWith('f:') && type.fields.has(element.slice(2));
    const isLeaf = Object.keys(inner).length === 0;
    result[element] = isNamed && !isLeaf ? { '.': {}, ...inner } : inner;
  }
  return result;
}

function typeBelow(type: Type, element: string): Type {
  if (type.kind === 'list') return type.item;
  return entryType(type, element.slice(2));
}
