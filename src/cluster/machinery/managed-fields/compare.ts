import { isEqual, isObject, type JsonObject } from '../json-value.ts';
import { any, type ListType, type Type, unstructured } from '../schema/types.ts';
import {
  type FieldSet,
  type FieldSetBuilder,
  insert,
  isEmptySet,
  recursiveDifference,
} from './field-set.ts';
import { itemsByElement } from './list-elements.ts';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Which fields differ between two typed objects, as structured-merge-diff counts fields. */
export function compare(
  type: Type,
  { before, after, ignored }: { before: unknown; after: unknown; ignored: FieldSet },
): Comparison {
  const comparer = new Comparer();
  comparer.value(type, before, after);
  if (isEmptySet(ignored)) return comparer;
  return {
    added: recursiveDifference(comparer.added, ignored),
    modified: recursiveDifference(comparer.modified, ignored),
    removed: recursiveDifference(comparer.removed, ignored),
  };
}

export function isSame({ added, modified, removed }: Comparison): boolean {
  return isEmptySet(added) && isEmptySet(modified) && isEmptySet(removed);
}

/** The type under which a value is looked at: what is untyped is granular or one piece, by its parent. */
export function resolve(type: Type, value: unknown): 'leaf' | 'list' | 'map' {
  switch (type.kind) {
    case 'scalar':
      return 'leaf';
    case 'any':
      return type.isGranular && isObject(value) ? 'map' : 'leaf';
    case 'list':
      return type.relationship === 'atomic' ? 'leaf' : 'list';
    case 'map':
    case 'struct':
      return type.isAtomic ? 'leaf' : 'map';
  }
}

/** The type of one entry of a map or struct. */
export function entryType(type: Type, key: string): Type {
  switch (type.kind) {
    case 'struct':
      return type.fields.get(key)?.type ?? any;
    case 'map':
      return type.value;
    case 'any':
      return unstructured;
    case 'list':
    case 'scalar':
      return any;
  }
}

class Comparer implements Comparison {
  readonly added: FieldSetBuilder = {};
  readonly modified: FieldSetBuilder = {};
  readonly removed: FieldSetBuilder = {};
  readonly #path: string[] = [];

  value(type: Type, before: unknown, after: unknown): void {
    if (before === after) return;
    const shape = resolve(type, after ?? before);
    if (shape === 'leaf') return this.#leaf(before, after);
    if (shape === 'list') {
      const left = Array.isArray(before) ? before : [];
      const right = Array.isArray(after) ? after : [];
      if (left.length === 0 && right.length === 0) return this.#leaf(before, after);
      this.#items(type as ListType, left, right);
    } else {
      const left = isObject(before) ? before : {};
      const right = isObject(after) ? after : {};
      if (isBare(left) && isBare(right)) return this.#leaf(before, after);
      this.#entries(type, left, right);
    }
    if (before === undefined) this.#note(this.added);
    else if (after === undefined) this.#note(this.removed);
  }

  #leaf(before: unknown, after: unknown): void {
    if (before === undefined) this.#note(this.added);
    else if (after === undefined) this.#note(this.removed);
    else if (!isEqual(before, after)) this.#note(this.modified);
  }

  #entries(type: Type, left: JsonObject, right: JsonObject): void {
    for (const key in left) this.#entry(type, key, left[key], right[key]);
    for (const key in right) {
      if (left[key] === undefined) this.#entry(type, key, undefined, right[key]);
    }
  }

  #entry(type: Type, key: string, before: unknown, after: unknown): void {
    if (before === after) return;
    this.#path.push(`f:${key}`);
    this.value(entryType(type, key), before, after);
    this.#path.pop();
  }

  #items(type: ListType, left: readonly unknown[], right: readonly unknown[]): void {
    const before = itemsByElement(type, left);
    const after = itemsByElement(type, right);
    for (const [element, items] of before) this.#item(type, element, items, after.get(element));
    for (const [element, items] of after) {
      if (!before.has(element)) this.#item(type, element, undefined, items);
    }
  }

  #item(
    type: ListType,
    element: string,
    before: readonly unknown[] | undefined,
    after: readonly unknown[] | undefined,
  ): void {
    this.#path.push(element);
    if ((before?.length ?? 0) > 1 || (after?.length ?? 0) > 1) this.#leaf(before, after);
    else this.value(type.item, before?.[0], after?.[0]);
    this.#path.pop();
  }

  #note(set: FieldSetBuilder): void {
    insert(set, this.#path);
  }
}

function isBare(object: JsonObject): boolean {
  for (const key in object) if (object[key] !== undefined) return false;
  return true;
}
