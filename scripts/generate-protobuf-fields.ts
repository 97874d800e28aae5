// Writes src/cluster/machinery/codec/protobuf-fields.generated.ts: field numbers, and which fields
// are pointers in Go, one line a message, from the file descriptors inside a kubectl binary.
// kubectl 1.34 is the last that carries them.
//   node scripts/generate-protobuf-fields.ts /path/to/kubectl
import { readFileSync, writeFileSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';

import { schemaText } from '../src/cluster/machinery/schema/schema.generated.ts';
import { kindsInScope, modelName } from '../src/cluster/machinery/schema/kinds.ts';

const target = new URL(
  '../src/cluster/machinery/codec/protobuf-fields.generated.ts',
  import.meta.url,
);

// Messages whose JSON is not an object of their fields; the decoder knows each by its letter.
const specialTypes: Readonly<Record<string, string>> = {
  '.k8s.io.apimachinery.pkg.apis.meta.v1.Time': 't',
  '.k8s.io.apimachinery.pkg.apis.meta.v1.MicroTime': 'm',
  '.k8s.io.apimachinery.pkg.apis.meta.v1.FieldsV1': 'f',
  '.k8s.io.apimachinery.pkg.api.resource.Quantity': 'q',
  '.k8s.io.apimachinery.pkg.util.intstr.IntOrString': 'x',
  '.k8s.io.apimachinery.pkg.runtime.RawExtension': 'r',
};

const scalarTypes: Readonly<Record<number, string>> = {
  1: 'd',
  3: 'l',
  5: 'i',
  8: 'b',
  9: 's',
  12: 'y',
};

// The Go package of a message → the apiVersion whose kinds live there.
const groupsByPackage: Readonly<Record<string, string>> = {
  admissionregistration: 'admissionregistration.k8s.io',
  authentication: 'authentication.k8s.io',
  authorization: 'authorization.k8s.io',
  certificates: 'certificates.k8s.io',
  coordination: 'coordination.k8s.io',
  discovery: 'discovery.k8s.io',
  events: 'events.k8s.io',
  flowcontrol: 'flowcontrol.apiserver.k8s.io',
  networking: 'networking.k8s.io',
  node: 'node.k8s.io',
  rbac: 'rbac.authorization.k8s.io',
  resource: 'resource.k8s.io',
  scheduling: 'scheduling.k8s.io',
  storage: 'storage.k8s.io',
  core: '',
  meta: 'meta.k8s.io',
};

type WireValue = number | Uint8Array;

interface Message {
  readonly name: string;
  readonly fields: readonly Uint8Array[];
  readonly mapEntries: ReadonlyMap<string, readonly Uint8Array[]>;
}

function* wireFields(bytes: Uint8Array): Generator<[number, WireValue]> {
  let at = 0;
  const varint = () => {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(result);
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if ((tag & 7) === 0) yield [tag >>> 3, varint()];
    else if ((tag & 7) === 2) {
      const length = varint();
      yield [tag >>> 3, bytes.subarray(at, at + length)];
      at += length;
    } else throw new Error(`wire type ${tag & 7} in a descriptor`);
  }
}

function all(bytes: Uint8Array, number: number): Uint8Array[] {
  return [...wireFields(bytes)].filter(([n]) => n === number).map(([, v]) => v as Uint8Array);
}

function text(bytes: Uint8Array, number: number): string {
  return Buffer.from(all(bytes, number)[0] ?? []).toString();
}

function integer(bytes: Uint8Array, number: number): number | undefined {
  return [...wireFields(bytes)].find(([n]) => n === number)?.[1] as number | undefined;
}

function* fileDescriptors(binary: Buffer): Generator<Uint8Array> {
  const magic = Buffer.from([0x1f, 0x8b, 0x08]);
  for (let at = binary.indexOf(magic); at >= 0; at = binary.indexOf(magic, at + 3)) {
    let file;
    try {
      file = gunzipSync(binary.subarray(at, at + 400_000), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: 4_000_000,
      });
    } catch {
      continue;
    }
    if (file[0] === 0x0a && /^k8s\.io\/.*generated\.proto/.test(file.subarray(2, 100).toString())) {
      yield file;
    }
  }
}

function messagesIn(binary: Buffer): Map<string, Message> {
  const messages = new Map<string, Message>();
  for (const file of fileDescriptors(binary)) {
    const packageName = text(file, 2);
    for (const message of all(file, 4)) {
      const name = text(message, 1);
      const mapEntries = new Map(all(message, 3).map((entry) => [text(entry, 1), all(entry, 2)]));
      messages.set(`.${packageName}.${name}`, { name, fields: all(message, 2), mapEntries });
    }
  }
  return messages;
}

function modelOf(fullName: string): string {
  const [, part, version, kind] = /([a-z]+)\.(v\w+)\.(\w+)$/.exec(fullName) ?? [];
  if (!part || !version || !kind) throw new Error(`no model name for ${fullName}`);
  const group = groupsByPackage[part] ?? part;
  return modelName({ apiVersion: group === '' ? version : `${group}/${version}`, kind });
}

const path = process.argv[2];
if (!path) throw new Error('usage: generate-protobuf-fields.ts /path/to/kubectl (1.34 or older)');
const messages = messagesIn(readFileSync(path));
const namesByModel = new Map(
  [...messages.keys()]
    .filter((name) => /\.(v1|v2)\.\w+$/.test(name))
    .map((name) => [modelOf(name), name] as const),
);
const knownFields = new Map(
  schemaText
    .trim()
    .split('\n')
    .map((line) => {
      const [model, ...fields] = line.split(' ');
      return [model!, new Set(fields.map((field) => field.split(':')[0]!))] as const;
    }),
);

const lines = new Map<string, string>();
const absent: string[] = [];
const pending = kindsInScope.map((kind) => namesByModel.get(modelName(kind)) ?? kind.kind);
for (let name = pending.pop(); name; name = pending.pop()) {
  const message = messages.get(name);
  if (!message) {
    absent.push(name);
    continue;
  }
  const model = modelOf(name);
  if (lines.has(model)) continue;
  lines.set(model, '');
  const fields = message.fields.map((field) => {
    const { code, reference } = codeOf(field, message, name);
    if (reference) pending.push(reference);
    const fieldName = jsonName(model, text(field, 10) || text(field, 1));
    const isInline = reference && knownFields.has(model) && !knownFields.get(model)!.has(fieldName);
    const isPointer = integer(all(field, 8)[0] ?? new Uint8Array(), 65001) !== 0;
    const isSingle = integer(field, 4) !== 3;
    const pointer = isSingle && isPointer ? '*' : '';
    return `${integer(field, 3)}=${isInline ? '' : fieldName}:${code}${pointer}`;
  });
  lines.set(model, `${model} ${fields.join(' ')}`.trim());
}

// The generator that wrote the descriptors lowers one letter only: uID, aPIGroup.
function jsonName(model: string, name: string): string {
  const known = [...(knownFields.get(model) ?? [])];
  if (known.includes(name)) return name;
  return known.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;
}

function codeOf(
  field: Uint8Array,
  message: Message,
  owner: string,
): { code: string; reference?: string } {
  const typeName = text(field, 6);
  const isList = integer(field, 4) === 3;
  const entry = typeName.startsWith(`${owner}.`)
    ? message.mapEntries.get(typeName.slice(owner.length + 1))
    : undefined;
  if (entry) {
    const { code, reference } = codeOf(entry[1]!, message, owner);
    return { code: `{}${code}`, ...(reference && { reference }) };
  }
  const prefix = isList ? '[]' : '';
  const special = specialTypes[typeName];
  if (special) return { code: prefix + special };
  if (typeName === '') {
    const scalar = scalarTypes[integer(field, 5) ?? 0];
    if (!scalar) throw new Error(`${owner}: scalar type ${integer(field, 5)}`);
    return { code: prefix + scalar };
  }
  // ExtraValue, Verbs: a message that is only a list is a list in JSON.
  const [items, ...others] = messages.get(typeName)?.fields ?? [];
  const isStrings = items && text(items, 1) === 'items' && integer(items, 5) === 9;
  if (isStrings && others.length === 0) {
    return { code: `${prefix}w` };
  }
  return { code: prefix + modelOf(typeName), reference: typeName };
}

const body = [...lines.values()].sort().join('\n');
writeFileSync(
  target,
  `// Written by scripts/generate-protobuf-fields.ts; do not edit.\nexport const protobufFieldsText = \`\n${body}\n\`;\n`,
);
process.stdout.write(
  `${lines.size} messages, ${body.length} bytes; absent: ${absent.join(', ')}\n`,
);
