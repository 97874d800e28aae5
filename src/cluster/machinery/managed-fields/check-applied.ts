import { isObject } from '../json-value.ts';
import type { ListType, ScalarType, Type } from '../schema/types.ts';
import { elementOf, missingKeys } from './list-elements.ts';
import { forEachPath } from './field-set.ts';

/** Why an applied object is not of its type, as upstream words it: `.spec.bogus: field not declared in schema`. */
export function objectionsToApplied(type: Type, applied: unknown): string[] {
  const objections: string[] = [];
  check(type, applied, '', objections);
  return objections;
}

function check(type: Type, value: unknown, path: string, objections: string[]): void {
  if (value === null || value === undefined) return;
  switch (type.kind) {
    case 'any':
      return;
    case 'scalar': {
      const objection = objectionToScalar(type, value);
      if (objection !== undefined) objections.push(`${path}: ${objection}`);
      return;
    }
    case 'list':
      if (Array.isArray(value)) checkItems(type, value, path, objections);
      else objections.push(`${path}: expected list, got ${shown(value)}`);
      return;
    case 'map':
    case 'struct':
      if (!isObject(value)) {
        objections.push(`${path}: expected map, got ${shown(value)}`);
        return;
      }
      for (const [key, entry] of Object.entries(value)) {
        const entryPath = `${path}.${key}`;
        const field = type.kind === 'struct' ? type.fields.get(key)?.type : type.value;
        if (field) check(field, entry, entryPath, objections);
        else objections.push(`${entryPath}: field not declared in schema`);
      }
  }
}

function checkItems(
  type: ListType,
  list: readonly unknown[],
  path: string,
  objections: string[],
): void {
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    if (type.relationship === 'atomic') {
      check(type.item, item, `${path}[${index}]`, objections);
      continue;
    }
    const [missing] = missingKeys(type, item);
    if (missing !== undefined) {
      objections.push(
        `${path}: element ${index}: associative list with keys has an element that omits key field ${JSON.stringify(missing)} (and doesn't have default value)`,
      );
      continue;
    }
    const element = elementOf(type, item);
    let itemPath = path;
    forEachPath({ [element]: {} }, (text) => {
      itemPath = path + text;
    });
    if (seen.has(element)) {
      objections.push(`${path}: duplicate entries for key ${itemPath.slice(path.length)}`);
    }
    seen.add(element);
    check(type.item, item, itemPath, objections);
  }
}

function objectionToScalar({ scalar }: ScalarType, value: unknown): string | undefined {
  switch (scalar) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${shown(value)}`;
    case 'int32':
    case 'int64':
    case 'double':
      return typeof value === 'number'
        ? undefined
        : `expected numeric (int or float), got ${typeof value}`;
    case 'quantity':
    case 'intOrString':
      return typeof value === 'object'
        ? `expected string or number, got ${shown(value)}`
        : undefined;
    case 'bytes':
    case 'microTime':
    case 'string':
    case 'time':
      return typeof value === 'string' ? undefined : `expected string, got ${shown(value)}`;
  }
}

function shown(value: unknown): string {
  return `&value.valueUnstructured{Value:${JSON.stringify(value)}}`;
}
