import fc from 'fast-check';
import { type StructType, type Type, typeOf } from '../../src/cluster/machinery/schema/types.ts';
import type { GroupVersionKind } from '../../src/cluster/machinery/group-version-kind.ts';

const MAX_DEPTH = 9;

/** Objects of a kind with any of its fields, well-formed or not, as a client might send them. */
export function arbitraryObject(gvk: GroupVersionKind): fc.Arbitrary<Record<string, unknown>> {
  const type = typeOf(gvk);
  if (type.kind !== 'struct') return fc.constant({});
  return structOf(type, 0).map((object) => ({
    ...object,
    metadata: { ...(object['metadata'] as object | undefined), name: 'x', namespace: 'default' },
  }));
}

function structOf(type: StructType, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const fields = [...type.fields.values()].filter(({ name }) => name !== 'managedFields');
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const { name, type: inner } of fields) {
    model[name] = fc.option(valueOf(inner, depth + 1), {
      freq: depth < 5 ? 2 : 1,
      nil: undefined,
      depthSize: 'max',
      depthIdentifier: 'object',
      maxDepth: MAX_DEPTH,
    });
  }
  return fc.record(model).map(withoutUndefined);
}

function valueOf(type: Type, depth: number): fc.Arbitrary<unknown> {
  if (depth > MAX_DEPTH) return fc.constant(undefined);
  switch (type.kind) {
    case 'any':
      return fc.constant({});
    case 'list':
      return fc.array(valueOf(type.item, depth), { maxLength: 2 });
    case 'map':
      return fc.dictionary(TEXT, valueOf(type.value, depth), { maxKeys: 2 });
    case 'struct':
      return fc.constant(undefined).chain(() => structOf(type, depth));
    case 'scalar':
      return scalarOf(type.scalar);
  }
}

const TEXT = fc.constantFrom('', 'a', 'A b', '..', '/x', 'a/b/c', 'Always', 'None', '10.0.0.1');

function scalarOf(scalar: string): fc.Arbitrary<unknown> {
  switch (scalar) {
    case 'boolean':
      return fc.boolean();
    case 'int32':
    case 'int64':
    case 'double':
      return fc.constantFrom(-1, 0, 1, 80, 70_000);
    case 'intOrString':
      return fc.constantFrom(-1, 0, 80, '25%', 'http', '');
    case 'quantity':
      return fc.constantFrom('0', '-1', '100m', '1Gi');
    case 'time':
      return fc.constant('2026-01-01T00:00:00Z');
    case 'microTime':
      return fc.constant('2026-01-01T00:00:00.000000Z');
    case 'bytes':
      return fc.constantFrom('', 'YQ==');
    default:
      return TEXT;
  }
}

function withoutUndefined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
