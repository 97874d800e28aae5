import { protobufMessage } from '../codec/protobuf-messages.ts';
import { apiVersionOf, type GroupVersionKind } from '../group-version-kind.ts';
import { kindsInScope, modelName } from './kinds.ts';
import { isAtomicStruct, mergeMetadataOf, type MergeMetadata } from './merge-metadata.ts';
import { schemaText } from './schema.generated.ts';

export type ScalarName =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'time'
  | 'microTime'
  | 'bytes'
  | 'quantity'
  | 'intOrString';

/** The type of a JSON value, as the Go struct behind it says. */
export type Type = ScalarType | AnyType | ListType | MapType | StructType;

export interface ScalarType {
  readonly kind: 'scalar';
  readonly scalar: ScalarName;
}

/** Anything goes: raw extensions as one piece, custom resources field by field. */
export interface AnyType {
  readonly kind: 'any';
  readonly isGranular: boolean;
}

export interface ListType {
  readonly kind: 'list';
  readonly item: Type;
  readonly relationship: 'atomic' | 'set' | 'map';
  /** Of an associative list, in the order in which they are written into a field path. */
  readonly keys: readonly string[];
}

interface MapType {
  readonly kind: 'map';
  readonly value: Type;
  readonly isAtomic: boolean;
}

export interface StructType {
  readonly kind: 'struct';
  readonly model: string;
  readonly fields: ReadonlyMap<string, Field>;
  readonly isAtomic: boolean;
}

export interface Field {
  readonly name: string;
  readonly type: Type;
  readonly isRequired: boolean;
  /** Written even when empty or zero: no omitempty in Go. */
  readonly isShownEmpty: boolean;
  /** Not a pointer in Go: its zero value and its absence are the same thing. */
  readonly isValue: boolean;
  readonly patch: MergeMetadata['patch'];
}

/** The structure of a kind; unstructured for kinds that are not built in. */
export function typeOf(gvk: GroupVersionKind): StructType | AnyType {
  const model = modelOf(gvk);
  return model === undefined ? unstructured : structType(model);
}

/** How the tables name a kind: `V1Pod`, `EventsV1Event`; `undefined` when it is not built in. */
export function modelOf(gvk: GroupVersionKind): string | undefined {
  return modelsByKind.get(`${apiVersionOf(gvk)} ${gvk.kind}`);
}

const modelsByKind: ReadonlyMap<string, string> = new Map(
  kindsInScope.map((kind) => [`${kind.apiVersion} ${kind.kind}`, modelName(kind)]),
);

// Optional in the document, yet written when empty: found by comparing with recorded objects.
const optionalWithoutOmitempty: ReadonlySet<string> = new Set([
  'CoreV1Event.reportingComponent',
  'CoreV1Event.reportingInstance',
  'V1CustomResourceDefinitionStatus.conditions',
  'V1NodeRuntimeHandler.name',
  'V1StatefulSetStatus.availableReplicas',
  'V2HorizontalPodAutoscalerStatus.currentMetrics',
]);

export const any: AnyType = { kind: 'any', isGranular: false };
export const unstructured: AnyType = { kind: 'any', isGranular: true };

const scalars: Readonly<Record<string, ScalarType>> = {
  s: { kind: 'scalar', scalar: 'string' },
  b: { kind: 'scalar', scalar: 'boolean' },
  i: { kind: 'scalar', scalar: 'int32' },
  l: { kind: 'scalar', scalar: 'int64' },
  d: { kind: 'scalar', scalar: 'double' },
  t: { kind: 'scalar', scalar: 'time' },
  m: { kind: 'scalar', scalar: 'microTime' },
  y: { kind: 'scalar', scalar: 'bytes' },
  q: { kind: 'scalar', scalar: 'quantity' },
  x: { kind: 'scalar', scalar: 'intOrString' },
};

const structs = new Map<string, StructType>();

/** The struct of that name; parsed when first asked for, because most kinds never are. */
export function structType(model: string): StructType {
  let struct = structs.get(model);
  if (!struct) {
    struct = new LazyStruct(model);
    structs.set(model, struct);
  }
  return struct;
}

// Types refer to themselves (JSONSchemaProps), so fields resolve on first use.
class LazyStruct implements StructType {
  readonly kind = 'struct';
  readonly model: string;
  readonly isAtomic: boolean;
  #fields: ReadonlyMap<string, Field> | undefined;

  constructor(model: string, isAtomic = isAtomicStruct(model)) {
    this.model = model;
    this.isAtomic = isAtomic;
  }

  get fields(): ReadonlyMap<string, Field> {
    this.#fields ??= parseFields(this.model);
    return this.#fields;
  }
}

function parseFields(model: string): ReadonlyMap<string, Field> {
  const line = lines().get(model);
  if (line === undefined) throw new Error(`no type named ${model} in the schema`);
  const message = protobufMessage(model);
  const fields = new Map<string, Field>();
  for (const entry of line.split(' ')) {
    if (entry === '') continue;
    const colon = entry.indexOf(':');
    const name = entry.slice(0, colon);
    const isRequired = entry.endsWith('!');
    const code = entry.slice(colon + 1, isRequired ? -1 : undefined);
    const metadata = mergeMetadataOf(model, name);
    fields.set(name, {
      name,
      type: parseType(code, metadata),
      isRequired,
      isShownEmpty: isRequired || optionalWithoutOmitempty.has(`${model}.${name}`),
      isValue: message?.valueFields.has(name) ?? false,
      patch: metadata?.patch,
    });
  }
  return fields;
}

function parseType(code: string, metadata?: MergeMetadata): Type {
  if (code.startsWith('[]')) {
    const list = metadata?.list;
    return {
      kind: 'list',
      item: parseType(code.slice(2)),
      relationship: list?.type ?? 'atomic',
      keys: list?.type === 'map' ? list.keys.toSorted() : [],
    };
  }
  if (code.startsWith('{}')) {
    return {
      kind: 'map',
      value: parseType(code.slice(2)),
      isAtomic: metadata?.map === 'atomic',
    };
  }
  if (code === 'a') return any;
  const scalar = scalars[code];
  if (scalar) return scalar;
  return metadata?.map === 'granular' ? new LazyStruct(code, false) : structType(code);
}

let linesByModel: ReadonlyMap<string, string> | undefined;

function lines(): ReadonlyMap<string, string> {
  linesByModel ??= new Map(
    schemaText
      .trim()
      .split('\n')
      .map((line) => {
        const space = line.indexOf(' ');
        return space < 0
          ? ([line, ''] as const)
          : ([line.slice(0, space), line.slice(space + 1)] as const);
      }),
  );
  return linesByModel;
}
