/** One field of a protobuf message as it lies on the wire; `varint` is 0 for length-delimited ones. */
export interface WireField {
  readonly number: number;
  readonly varint: bigint;
  readonly bytes: Buffer;
  readonly isLengthDelimited: boolean;
}

const none = Buffer.alloc(0);

/** The fields of a message in order; throws when the bytes end too early. */
export function* wireFields(message: Buffer): Generator<WireField> {
  let at = 0;

  function varint(): bigint {
    let result = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at];
      if (byte === undefined) throw new Error('unexpected EOF');
      at += 1;
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    throw new Error('proto: integer overflow');
  }

  function take(length: number): Buffer {
    if (at + length > message.length) throw new Error('unexpected EOF');
    at += length;
    return message.subarray(at - length, at);
  }

  while (at < message.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    switch (Number(tag & 7n)) {
      case 0:
        yield { number, varint: varint(), bytes: none, isLengthDelimited: false };
        break;
      case 1:
        yield { number, varint: 0n, bytes: take(8), isLengthDelimited: false };
        break;
      case 2: {
        const length = Number(varint());
        yield { number, varint: 0n, bytes: take(length), isLengthDelimited: true };
        break;
      }
      case 5:
        yield { number, varint: 0n, bytes: take(4), isLengthDelimited: false };
        break;
      default:
        throw new Error(`proto: illegal wireType ${tag & 7n}`);
    }
  }
}
