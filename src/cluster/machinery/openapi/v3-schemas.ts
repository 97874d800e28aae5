import { parseApiVersion } from '../group-version-kind.ts';
import { isObject, type JsonObject } from '../json-value.ts';
import { alwaysPresent } from '../schema/conform.ts';
import { kindsInScope, modelName } from '../schema/kinds.ts';
import type { Field, ScalarName, StructType, Type } from '../schema/types.ts';
import type { Descriptions } from './descriptions.ts';
import { enumOf, publishedDefaults } from './enums.ts';
import { qualifiedName } from './go-package.ts';

/** Components of an OpenAPI document: the structs given and everything they refer to. */
export function componentSchemas(
  roots: readonly StructType[],
  descriptions: Descriptions,
): Record<string, JsonObject> {
  const schemas: Record<string, JsonObject> = { ...sharedSchemas };
  const pending = [...roots];
  const told = new Set<string>();
  for (let struct = pending.pop(); struct; struct = pending.pop()) {
    const name = qualifiedName(struct);
    if (schemas[name]) continue;
    schemas[name] = structSchema(struct, descriptions, (reference) => pending.push(reference));
    for (const { type } of struct.fields.values()) {
      if (type.kind === 'struct') told.add(qualifiedName(type));
    }
  }
  for (const root of roots) told.delete(qualifiedName(root));
  // kubectl explain shows the field's text and the type's below it: here they are the same.
  for (const name of told) {
    const { description: _description, ...rest } = schemas[name] ?? {};
    schemas[name] = rest;
  }
  return schemas;
}

/** What answers a LIST of the kind. */
export function listSchema(struct: StructType): JsonObject {
  return {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: reference(qualifiedName(struct)) },
      kind: { type: 'string' },
      metadata: { default: {}, allOf: [reference(listMeta)] },
    },
  };
}

const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const intOrString = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const time = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
const microTime = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';
const listMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';
const fieldsV1 = 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1';
const rawExtension = 'io.k8s.apimachinery.pkg.runtime.RawExtension';

const sharedSchemas: Readonly<Record<string, JsonObject>> = {
  [quantity]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [intOrString]: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  [time]: { type: 'string', format: 'date-time' },
  [microTime]: { type: 'string', format: 'date-time' },
  [fieldsV1]: { type: 'object' },
  [rawExtension]: { type: 'object' },
  [listMeta]: {
    type: 'object',
    properties: {
      continue: { type: 'string' },
      remainingItemCount: { type: 'integer', format: 'int64' },
      resourceVersion: { type: 'string' },
      selfLink: { type: 'string' },
    },
  },
};

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function structSchema(
  struct: StructType,
  descriptions: Descriptions,
  refer: (type: StructType) => void,
): JsonObject {
  const fields = [...struct.fields.values()];
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const shown = alwaysPresent(struct);
  const texts = descriptions[struct.model] ?? {};
  return {
    ...(texts[''] && { description: texts[''] }),
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(
      fields.map((field) => [
        field.name,
        {
          ...describedAs(texts[field.name] ?? ofStruct(field.type, descriptions)),
          ...defaultOf(struct.model, field, shown.get(field.name)),
          ...fieldSchema(struct.model, field, refer),
          ...patchExtensions(field),
        },
      ]),
    ),
    ...(struct.isAtomic && { 'x-kubernetes-map-type': 'atomic' }),
    ...kindOf(struct.model),
  };
}

const kinds = new Map(
  kindsInScope
    .filter(({ apiVersion }) => apiVersion !== 'meta.k8s.io/v1')
    .map((one) => [modelName(one), { ...parseApiVersion(one.apiVersion), kind: one.kind }]),
);

function kindOf(model: string): JsonObject {
  const gvk = kinds.get(model);
  return gvk ? { 'x-kubernetes-group-version-kind': [gvk] } : {};
}

function describedAs(description: string | undefined): JsonObject {
  return description ? { description } : {};
}

// The models carry no text for a field that is a struct; that of the struct says much the same.
function ofStruct(type: Type, descriptions: Descriptions): string | undefined {
  return type.kind === 'struct' ? descriptions[type.model]?.[''] : undefined;
}

function defaultOf(model: string, { name, type, isRequired }: Field, shown: unknown): JsonObject {
  const published = publishedDefaults[`${model}.${name}`];
  if (published !== undefined) return { default: published };
  if (isObject(shown)) return { default: {} };
  const zero = type.kind === 'scalar' ? zeros[type.scalar] : undefined;
  return isRequired && zero !== undefined ? { default: zero } : {};
}

const zeros: Partial<Record<ScalarName, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
};

function fieldSchema(
  model: string,
  { name, type }: Field,
  refer: (type: StructType) => void,
): JsonObject {
  const values = enumOf(model, name);
  if (type.kind === 'any' && !type.isGranular && name !== 'default') {
    return { allOf: [reference(name === 'fieldsV1' ? fieldsV1 : rawExtension)] };
  }
  const schema = typeSchema(type, refer);
  if (!values) return isObject(schema) && '$ref' in schema ? { allOf: [schema] } : schema;
  if (type.kind === 'map')
    return { ...schema, additionalProperties: { type: 'string', enum: values } };
  if (type.kind !== 'list') return { ...schema, enum: values };
  return { ...schema, items: { type: 'string', enum: values } };
}

function typeSchema(type: Type, refer: (type: StructType) => void): JsonObject {
  switch (type.kind) {
    case 'any':
      return { type: 'object' };
    case 'scalar':
      return scalarSchemas[type.scalar];
    case 'list':
      return {
        type: 'array',
        items: typeSchema(type.item, refer),
        'x-kubernetes-list-type': type.relationship,
        ...(type.relationship === 'map' && { 'x-kubernetes-list-map-keys': type.keys }),
      };
    case 'map':
      return {
        type: 'object',
        additionalProperties: typeSchema(type.value, refer),
        ...(type.isAtomic && { 'x-kubernetes-map-type': 'atomic' }),
      };
    case 'struct':
      refer(type);
      return reference(qualifiedName(type));
  }
}

// Without these kubectl apply would take every list for an atomic one: it merges by this document.
function patchExtensions({ patch }: Field): JsonObject {
  if (!patch) return {};
  const strategies = [
    ...(patch.strategy === 'none' ? [] : [patch.strategy]),
    ...(patch.retainKeys ? ['retainKeys'] : []),
  ];
  return {
    'x-kubernetes-patch-strategy': strategies.join(','),
    ...(patch.mergeKey !== undefined && { 'x-kubernetes-patch-merge-key': patch.mergeKey }),
  };
}

const scalarSchemas: Readonly<Record<ScalarName, JsonObject>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  time: reference(time),
  microTime: reference(microTime),
  quantity: reference(quantity),
  intOrString: reference(intOrString),
};
