/** Reads numbers from a buffer in the order they come. */
export interface Numbers {
  readonly at: number;
  /** LEB128 as JFR writes it: at most 9 bytes, the last of which has all its bits. */
  next(): number;
  bytes(length: number): Buffer;
}

/** Throws a RangeError behind the end of the buffer. */
export function readNumbers(data: Buffer, from = 0): Numbers {
  let at = from;
  return {
    get at() {
      return at;
    },
    next() {
      let value = 0;
      let factor = 1;
      for (let count = 0; ; count += 1) {
        const byte = data[at];
        if (byte === undefined) throw new RangeError('behind the end');
        at += 1;
        if (count === 8) return value + byte * factor;
        value += (byte & 0x7f) * factor;
        if (byte < 0x80) return value;
        factor *= 128;
      }
    },
    bytes(length) {
      if (at + length > data.length) throw new RangeError('behind the end');
      at += length;
      return data.subarray(at - length, at);
    },
  };
}
