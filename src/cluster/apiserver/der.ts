/** The few DER values (X.690) that an X.509 certificate is made of, to write and to read. */

export function sequence(...parts: readonly Buffer[]): Buffer {
  return value(0x30, Buffer.concat(parts));
}

export function set(...parts: readonly Buffer[]): Buffer {
  return value(0x31, Buffer.concat(parts));
}

/** A non-negative integer, big-endian. */
export function integer(bytes: Buffer): Buffer {
  // A leading 1 bit would make it negative.
  return value(0x02, bytes[0]! & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return value(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

export function utf8(text: string): Buffer {
  return value(0x0c, Buffer.from(text));
}

/** UTCTime, good until 2049. */
export function time(date: Date): Buffer {
  return value(0x17, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));
}

export function boolean(isTrue: boolean): Buffer {
  return value(0x01, Buffer.of(isTrue ? 0xff : 0));
}

export function octets(bytes: Buffer): Buffer {
  return value(0x04, bytes);
}

export function bits(bytes: Buffer, unusedBits = 0): Buffer {
  return value(0x03, Buffer.concat([Buffer.of(unusedBits), bytes]));
}

/** `[number] EXPLICIT` around whole values. */
export function explicit(number: number, inner: Buffer): Buffer {
  return value(0xa0 | number, inner);
}

/** `[number] IMPLICIT` in place of a primitive's own tag. */
export function implicit(number: number, content: Buffer): Buffer {
  return value(0x80 | number, content);
}

function value(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), length(content.length), content]);
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.of(size);
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function base128(number: number): number[] {
  const bytes = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

/** A value as it stands in the encoding. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly raw: Buffer;
}

/** The values that follow one another in `bytes`; throws for what is no DER. */
export function readElements(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const { size, start } = readLength(bytes, at + 1);
    const end = start + size;
    if (end > bytes.length) throw new Error('asn1: syntax error: data truncated');
    elements.push({
      tag: bytes[at]!,
      content: bytes.subarray(start, end),
      raw: bytes.subarray(at, end),
    });
    at = end;
  }
  return elements;
}

function readLength(bytes: Buffer, at: number): { readonly size: number; readonly start: number } {
  const first = bytes[at];
  if (first === undefined) throw new Error('asn1: syntax error: data truncated');
  if (first < 0x80) return { size: first, start: at + 1 };
  const count = first & 0x7f;
  if (count === 0 || count > 4 || at + count >= bytes.length) {
    throw new Error('asn1: structure error: length too large');
  }
  return { size: bytes.readUIntBE(at + 1, count), start: at + 1 + count };
}
