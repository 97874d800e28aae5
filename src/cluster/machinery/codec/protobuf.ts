import { apiVersionOf, type GroupVersionKind, parseApiVersion } from '../group-version-kind.ts';
import type { JsonObject } from '../json-value.ts';
import { modelOf } from '../schema/types.ts';
import { protobufMessage } from './protobuf-messages.ts';
import { type WireField, wireFields } from './protobuf-wire.ts';

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/**
 * The object inside a `k8s\0` envelope (runtime.Unknown), JSON-shaped; `undefined` for a kind whose
 * field numbers are not known. Throws on a broken envelope or message.
 */
export function decodeProtobuf(
  body: Buffer,
  expected: GroupVersionKind,
): { gvk: GroupVersionKind; object: JsonObject | undefined } {
  if (!body.subarray(0, 4).equals(magic)) {
    throw new Error(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    );
  }
  let raw: Buffer = Buffer.alloc(0);
  let apiVersion = '';
  let kind = '';
  for (const { number, bytes } of wireFields(body.subarray(4))) {
    if (number === 1) {
      for (const meta of wireFields(bytes)) {
        if (meta.number === 1) apiVersion = meta.bytes.toString();
        if (meta.number === 2) kind = meta.bytes.toString();
      }
    } else if (number === 2) raw = bytes;
  }
  const gvk: GroupVersionKind = {
    ...(apiVersion === '' ? expected : parseApiVersion(apiVersion)),
    kind: kind === '' ? expected.kind : kind,
  };
  const model = modelOf(gvk);
  if (model === undefined || !protobufMessage(model)) return { gvk, object: undefined };
  const object = { apiVersion: apiVersionOf(gvk), kind: gvk.kind, ...message(raw, model) };
  return { gvk, object };
}

function message(bytes: Buffer, model: string): JsonObject {
  const fields = protobufMessage(model)?.fields;
  const object: JsonObject = {};
  if (!fields) return object;
  for (const wire of wireFields(bytes)) {
    // A client newer than the table: what it does not have here is dropped, as upstream drops it.
    const field = fields.get(wire.number);
    if (!field) continue;
    const { name, code } = field;
    if (name === '') Object.assign(object, message(wire.bytes, code));
    else if (code.startsWith('[]')) appendItems(object, name, code.slice(2), wire);
    else if (code.startsWith('{}')) addEntry(object, name, code.slice(2), wire);
    else object[name] = single(code, wire);
  }
  return object;
}

function appendItems(object: JsonObject, name: string, code: string, wire: WireField): void {
  const items = (object[name] ??= []) as unknown[];
  const isPacked = wire.isLengthDelimited && 'ilbd'.includes(code);
  if (isPacked) items.push(...packed(wire.bytes, code));
  else items.push(single(code, wire));
}

function packed(bytes: Buffer, code: string): unknown[] {
  const values: unknown[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    if (code === 'd') {
      values.push(rest.readDoubleLE(0));
      rest = rest.subarray(8);
      continue;
    }
    const end = rest.findIndex((byte) => byte < 0x80) + 1;
    const [wire] = wireFields(Buffer.concat([Buffer.from([0x08]), rest.subarray(0, end)]));
    if (wire) values.push(single(code, wire));
    rest = rest.subarray(end);
  }
  return values;
}

function addEntry(object: JsonObject, name: string, code: string, wire: WireField): void {
  const map = (object[name] ??= {}) as JsonObject;
  let key = '';
  let value: unknown = code === 's' || code === 'y' ? '' : undefined;
  for (const part of wireFields(wire.bytes)) {
    if (part.number === 1) key = part.bytes.toString();
    if (part.number === 2) value = single(code, part);
  }
  map[key] = value;
}

function single(code: string, wire: WireField): unknown {
  const { bytes, varint } = wire;
  switch (code) {
    case 's':
      return bytes.toString();
    case 'b':
      return varint !== 0n;
    case 'i':
    case 'l':
      return Number(BigInt.asIntN(64, varint));
    case 'd':
      return bytes.readDoubleLE(0);
    case 'y':
      return bytes.toString('base64');
    case 't':
    case 'm':
      return time(bytes, code === 'm');
    case 'q':
      return firstString(bytes, 1);
    case 'x':
      return intOrString(bytes);
    case 'f':
    case 'r': {
      const raw = firstString(bytes, 1);
      return raw === '' ? null : (JSON.parse(raw) as unknown);
    }
    case 'w':
      return [...wireFields(bytes)]
        .filter((item) => item.number === 1)
        .map(({ bytes: item }) => item.toString());
    default:
      return message(bytes, code);
  }
}

function time(bytes: Buffer, isMicro: boolean): string | null {
  let seconds = 0n;
  let nanos = 0n;
  for (const { number, varint } of wireFields(bytes)) {
    if (number === 1) seconds = BigInt.asIntN(64, varint);
    if (number === 2) nanos = BigInt.asIntN(32, varint);
  }
  // Go's zero time, the year 1, is how an unset time that is no pointer arrives.
  if (seconds === 0n || seconds === -62_135_596_800n) return null;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return isMicro ? `${whole}.${String(nanos / 1000n).padStart(6, '0')}Z` : `${whole}Z`;
}

function intOrString(bytes: Buffer): number | string | null {
  let isString = false;
  let integer = 0;
  let text = '';
  for (const { number, varint, bytes: value } of wireFields(bytes)) {
    if (number === 1) isString = varint === 1n;
    if (number === 2) integer = Number(BigInt.asIntN(32, varint));
    if (number === 3) text = value.toString();
  }
  return isString ? text : integer;
}

function firstString(bytes: Buffer, wanted: number): string {
  for (const { number, bytes: value } of wireFields(bytes)) {
    if (number === wanted) return value.toString();
  }
  return '';
}
