import { canonicalQuantity } from '../codec/quantity.ts';
import { isObject, type JsonObject } from '../json-value.ts';
import { canonicalTime } from './time.ts';
import type { Field, ScalarType, StructType, Type } from './types.ts';

/** Why a value cannot be read as its type, in the words of Go's decoder. */
export class TypeMismatch extends Error {
  override readonly name = 'TypeMismatch';
}

export interface ConformOptions {
  /** Called with the path of each field the type does not have; the field itself is left out. */
  readonly onUnknownField?: (path: string) => void;
}

/**
 * The value as the Go struct behind its type would write it back: unknown fields, nulls and zero
 * values left out, structs that are no pointers present, quantities and times in canonical form.
 * Throws TypeMismatch.
 */
export function conform(type: Type, value: unknown, options: ConformOptions = {}): unknown {
  return new Conformer(options).value(type, value, undefined);
}

interface Position {
  readonly parent: Position | undefined;
  /** The struct whose field this is; for list items and map values, that of the list or map. */
  readonly owner: StructType | undefined;
  readonly step: string | number;
  readonly isField: boolean;
}

class Conformer {
  readonly #onUnknownField: ((path: string) => void) | undefined;

  constructor(options: ConformOptions) {
    this.#onUnknownField = options.onUnknownField;
  }

  value(type: Type, value: unknown, at: Position | undefined): unknown {
    switch (type.kind) {
      case 'any':
        return value;
      case 'scalar':
        return scalarValue(type, value, at);
      case 'list':
        if (!Array.isArray(value)) throw mismatch(type, value, at);
        return value.map((item, index) =>
          item === null || item === undefined
            ? zeroOf(type.item)
            : isPlain(type.item, item)
              ? item
              : this.value(type.item, item, step(at, index)),
        );
      case 'map': {
        if (!isObject(value)) throw mismatch(type, value, at);
        const map: JsonObject = {};
        for (const key in value) {
          const item = value[key];
          if (item === undefined) continue;
          map[key] =
            item === null
              ? zeroOf(type.value)
              : isPlain(type.value, item)
                ? item
                : this.value(type.value, item, step(at, key));
        }
        return map;
      }
      case 'struct':
        if (!isObject(value)) throw mismatch(type, value, at);
        return this.#struct(type, value, at);
    }
  }

  #struct(type: StructType, value: JsonObject, at: Position | undefined): JsonObject {
    const result: JsonObject = {};
    const { fields } = type;
    for (const name in value) {
      const given = value[name];
      const field = fields.get(name);
      if (!field) {
        if (given !== undefined) this.#onUnknownField?.(pathOf(fieldStep(at, type, name)));
        continue;
      }
      if (given === undefined || given === null) continue;
      const conformed = isPlain(field.type, given)
        ? given
        : this.value(field.type, given, fieldStep(at, type, name));
      if (!isOmitted(field, conformed)) result[name] = conformed;
    }
    for (const [name, zero] of alwaysPresent(type)) {
      if (result[name] === undefined) result[name] = isObject(zero) ? { ...zero } : zero;
    }
    return result;
  }
}

/** Most of what an object has: nothing to be done, and no position to be known. */
function isPlain(type: Type, value: unknown): boolean {
  if (type.kind !== 'scalar') return type.kind === 'any';
  if (typeof value === 'string') return type.scalar === 'string';
  return typeof value === 'boolean' && type.scalar === 'boolean';
}

// encoding/json omitempty: false, 0, "", and empty lists and maps; pointers are kept whatever they point to.
function isOmitted(field: Field, value: unknown): boolean {
  if (field.isShownEmpty) return false;
  switch (field.type.kind) {
    case 'list':
      return (value as unknown[]).length === 0;
    case 'map':
      for (const _ in value as JsonObject) return false;
      return true;
    case 'scalar':
      return field.isValue && (value === '' || value === 0 || value === false);
    case 'any':
    case 'struct':
      return false;
  }
}

type Zero = JsonObject | string | number | boolean | null;

const present = new WeakMap<StructType, ReadonlyMap<string, Zero>>();

/** What a struct shows even when nothing was set: nested structs, zero times, whatever has no omitempty. */
export function alwaysPresent(type: StructType): ReadonlyMap<string, Zero> {
  let fields = present.get(type);
  if (fields) return fields;
  const found = new Map<string, Zero>();
  for (const field of type.fields.values()) {
    const zero = shownZero(type, field);
    if (zero !== undefined) found.set(field.name, zero);
  }
  fields = found;
  present.set(type, fields);
  return fields;
}

function shownZero(owner: StructType, field: Field): Zero | undefined {
  switch (field.type.kind) {
    case 'struct':
      return field.isValue ? Object.fromEntries(alwaysPresent(field.type)) : undefined;
    case 'list':
    case 'map':
      return field.isShownEmpty ? null : undefined;
    case 'scalar':
      if (!field.isValue) return undefined;
      if (isTime(field.type)) return isZeroTimeOmitted(owner, field) ? undefined : null;
      if (field.type.scalar === 'quantity') return '0';
      return field.isShownEmpty ? (zeroOf(field.type) as Zero) : undefined;
    case 'any':
      return undefined;
  }
}

// Since 1.34 creationTimestamp is omitzero; every other zero time is written as null.
function isZeroTimeOmitted(owner: StructType, field: Field): boolean {
  return owner.model === 'V1ObjectMeta' && field.name === 'creationTimestamp';
}

function isTime({ scalar }: ScalarType): boolean {
  return scalar === 'time' || scalar === 'microTime';
}

function zeroOf(type: Type): unknown {
  switch (type.kind) {
    case 'struct':
      return Object.fromEntries(alwaysPresent(type));
    case 'scalar':
      if (type.scalar === 'boolean') return false;
      return /^(int32|int64|double|intOrString)$/.test(type.scalar) ? 0 : '';
    case 'any':
    case 'list':
    case 'map':
      return null;
  }
}

function scalarValue(type: ScalarType, value: unknown, at: Position | undefined): unknown {
  switch (type.scalar) {
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'int32':
      if (Number.isInteger(value) && (value as number) === ((value as number) | 0)) return value;
      break;
    case 'int64':
      if (Number.isInteger(value)) return value;
      break;
    case 'double':
      if (typeof value === 'number') return value;
      break;
    case 'intOrString':
      if (typeof value === 'string' || Number.isInteger(value)) return value;
      break;
    case 'quantity': {
      if (typeof value !== 'string' && typeof value !== 'number') break;
      const canonical = value === '' ? '0' : canonicalQuantity(value);
      if (canonical !== undefined) return canonical;
      throw new TypeMismatch(
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      );
    }
    case 'time':
    case 'microTime': {
      if (typeof value !== 'string') break;
      const canonical = canonicalTime(value, type.scalar === 'microTime');
      if (canonical !== undefined) return canonical;
      const layout =
        type.scalar === 'time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
      throw new TypeMismatch(
        `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(value)} as "2006"`,
      );
    }
    case 'bytes':
      if (typeof value !== 'string') break;
      return canonicalBase64(value);
  }
  throw mismatch(type, value, at);
}

function canonicalBase64(value: string): string {
  const text = value.replaceAll(/[\r\n]/g, '');
  const wrong = /[^A-Za-z0-9+/=]/.exec(text);
  if (wrong) throw new TypeMismatch(`illegal base64 data at input byte ${wrong.index}`);
  const padding = text.indexOf('=');
  const tail = padding < 0 ? '' : text.slice(padding);
  if (text.length % 4 !== 0 || tail.length > 2 || !/^=*$/.test(tail)) {
    throw new TypeMismatch(`illegal base64 data at input byte ${text.length - tail.length}`);
  }
  return text;
}

function mismatch(type: Type, value: unknown, at: Position | undefined): TypeMismatch {
  const found = jsonKind(value, type);
  const target = goType(type);
  const fields: string[] = [];
  let owner: StructType | undefined;
  for (let position = at; position; position = position.parent) {
    if (!position.isField) continue;
    owner ??= position.owner;
    fields.unshift(String(position.step));
  }
  const where = owner ? `Go struct field ${goName(owner.model)}.${fields.join('.')}` : 'Go value';
  return new TypeMismatch(`json: cannot unmarshal ${found} into ${where} of type ${target}`);
}

function jsonKind(value: unknown, type: Type): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (typeof value !== 'number') return 'object';
  const isNumeric = type.kind === 'scalar' && /^(int|double)/.test(type.scalar);
  return isNumeric ? `number ${value}` : 'number';
}

const goScalars: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  bytes: '[]uint8',
  time: 'string',
  microTime: 'string',
  quantity: 'string',
  intOrString: 'string',
};

function goType(type: Type): string {
  switch (type.kind) {
    case 'any':
      return 'interface {}';
    case 'scalar':
      return goScalars[type.scalar] ?? type.scalar;
    case 'list':
      return `[]${goType(type.item)}`;
    case 'map':
      return `map[string]${goType(type.value)}`;
    case 'struct':
      return `v1.${goName(type.model)}`;
  }
}

/** `V1PodSpec` → `PodSpec`. */
export function goName(model: string): string {
  return model.replace(/^[A-Za-z]*?V\d+/, '');
}

function step(parent: Position | undefined, to: string | number): Position {
  return { parent, owner: undefined, step: to, isField: false };
}

function fieldStep(parent: Position | undefined, type: StructType, name: string): Position {
  return { parent, owner: type, step: name, isField: true };
}

function pathOf(at: Position): string {
  const parent = at.parent ? pathOf(at.parent) : '';
  if (typeof at.step === 'number') return `${parent}[${at.step}]`;
  return parent === '' ? at.step : `${parent}.${at.step}`;
}
