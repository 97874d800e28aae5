/** One field of a protobuf message: a number, or bytes (a message, a text, packed numbers). */
export type ProtobufField =
  | { readonly number: number; readonly value: number }
  | { readonly number: number; readonly bytes: Buffer };

/** Unsigned, as far as a double goes. Undefined = it does not end within the data. */
export function readVarint(
  data: Buffer,
  from: number,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  let factor = 1;
  for (let at = from; at < Math.min(data.length, from + 10); at += 1) {
    const byte = data[at] ?? 0;
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte >= 0x80) continue;
    // Ten bytes are a negative number in two's complement.
    return { value: at - from === 9 ? value - 2 ** 64 : value, end: at + 1 };
  }
  return undefined;
}

/** Throws a RangeError where the message is not whole. */
export function* readFields(message: Buffer): Generator<ProtobufField, void> {
  let at = 0;
  const varint = (): number => {
    const read = readVarint(message, at);
    if (!read) throw new RangeError('a number that does not end');
    at = read.end;
    return read.value;
  };
  while (at < message.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        if (length < 0 || at + length > message.length) throw new RangeError('a field too long');
        at += length;
        yield { number, bytes: message.subarray(at - length, at) };
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        throw new RangeError(`a field of kind ${tag % 8}`);
    }
  }
}

/** A repeated number, packed or one by one. */
export function numbersOf(field: ProtobufField): readonly number[] {
  if ('value' in field) return [field.value];
  const numbers: number[] = [];
  for (let at = 0; at < field.bytes.length;) {
    const read = readVarint(field.bytes, at);
    if (!read) throw new RangeError('a number that does not end');
    numbers.push(read.value);
    at = read.end;
  }
  return numbers;
}
