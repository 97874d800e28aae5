import { isObject, type JsonObject } from '../json-value.ts';
import { alwaysPresent, goName } from '../schema/conform.ts';
import type { Field, ScalarName, StructType, Type } from '../schema/types.ts';

/** Components of an OpenAPI document: the structs given and everything they refer to. */
export function componentSchemas(roots: readonly StructType[]): Record<string, JsonObject> {
  const schemas: Record<string, JsonObject> = { ...sharedSchemas };
  const pending = [...roots];
  for (let struct = pending.pop(); struct; struct = pending.pop()) {
    const name = schemaName(struct);
    if (schemas[name]) continue;
    schemas[name] = structSchema(struct, (reference) => pending.push(reference));
  }
  return schemas;
}

/** `io.k8s.v1.PodSpec`: kubectl shows what follows the last dot as the type of a field. */
export function schemaName({ model }: StructType): string {
  const name = goName(model);
  return `io.k8s.${model.slice(0, -name.length).toLowerCase()}.${name}`;
}

const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const intOrString = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const time = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
const microTime = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';

const sharedSchemas: Readonly<Record<string, JsonObject>> = {
  [quantity]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [intOrString]: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  [time]: { type: 'string', format: 'date-time' },
  [microTime]: { type: 'string', format: 'date-time' },
};

function structSchema(struct: StructType, refer: (type: StructType) => void): JsonObject {
  const fields = [...struct.fields.values()];
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const shown = alwaysPresent(struct);
  return {
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(
      fields.map((field) => [
        field.name,
        {
          ...(isObject(shown.get(field.name)) && { default: {} }),
          ...typeSchema(field.type, refer),
          ...patchExtensions(field),
        },
      ]),
    ),
    ...(struct.isAtomic && { 'x-kubernetes-map-type': 'atomic' }),
  };
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
      return { allOf: [{ $ref: `#/components/schemas/${schemaName(type)}` }] };
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
  time: { allOf: [{ $ref: `#/components/schemas/${time}` }] },
  microTime: { allOf: [{ $ref: `#/components/schemas/${microTime}` }] },
  quantity: { allOf: [{ $ref: `#/components/schemas/${quantity}` }] },
  intOrString: { allOf: [{ $ref: `#/components/schemas/${intOrString}` }] },
};
