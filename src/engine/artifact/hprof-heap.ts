import { corrupt } from './format-check.ts';
import type { HprofSummary } from './hprof-summary.ts';

/** Sizes of a value by its type code: 2 = object, then boolean, char, float, double, byte, short, int, long. */
const primitiveBytes: readonly number[] = [0, 0, 0, 0, 1, 2, 4, 8, 1, 2, 4, 8];

const subTag = {
  classDump: 0x20,
  instance: 0x21,
  objectArray: 0x22,
  primitiveArray: 0x23,
} as const;

interface Walked {
  at: number;
  /** Bytes after the end of the data that belong to the last sub-record. */
  skip: number;
  progressed: boolean;
}

interface HeapWalk {
  setIdSize(bytes: number): void;
  /** Walks sub-records in `data` from `at` on, up to the heap record's end at file offset `heapEnd`. */
  walk(data: Buffer, at: number, base: number, heapEnd: number): Walked;
}

/** Walks the sub-records of HEAP_DUMP and HEAP_DUMP_SEGMENT; this is the loop that must be fast. */
export function createHeapWalk(summary: HprofSummary): HeapWalk {
  let idSize = 8;
  let rootBytes: Readonly<Record<number, number>> = {};
  const walked: Walked = { at: 0, skip: 0, progressed: false };

  /** Length of the sub-record at `at`, tag included; 0 = its head is not all here. Counts objects. */
  function measure(data: Buffer, at: number, offset: number): number {
    const kind = data[at];
    const left = data.length - at;
    if (kind === subTag.instance) {
      const head = 9 + 2 * idSize;
      if (left < head) return 0;
      const length = readUint32(data, at + 5 + 2 * idSize);
      summary.instance(readId(data, at + 5 + idSize, idSize), length + 2 * idSize);
      return head + length;
    }
    if (kind === subTag.primitiveArray) {
      const head = 10 + idSize;
      if (left < head) return 0;
      const type = data[at + 9 + idSize] ?? 0;
      const size = primitiveBytes[type] ?? 0;
      if (size === 0) throw corrupt('HPROF', `an array of unknown type ${type}`, offset);
      const length = readUint32(data, at + 5 + idSize) * size;
      summary.primitiveArray(type, length + 2 * idSize);
      return head + length;
    }
    if (kind === subTag.objectArray) {
      const head = 9 + 2 * idSize;
      if (left < head) return 0;
      const length = readUint32(data, at + 5 + idSize) * idSize;
      summary.instance(readId(data, at + 9 + idSize, idSize), length + 2 * idSize);
      return head + length;
    }
    if (kind === subTag.classDump) return measureClass(data, at, offset);
    const root = rootBytes[kind ?? -1];
    if (root === undefined) {
      throw corrupt('HPROF', `unknown heap record 0x${(kind ?? 0).toString(16)}`, offset);
    }
    return left < root ? 0 : root;
  }

  /** CLASS_DUMP has three lists of values of differing sizes: all of it must be here. */
  function measureClass(data: Buffer, start: number, offset: number): number {
    let at = start + 1 + 7 * idSize + 8;
    const need = (bytes: number) => at + bytes <= data.length;
    if (!need(2)) return 0;
    const constants = readUint16(data, at);
    at += 2;
    for (let count = 0; count < constants; count += 1) {
      if (!need(3)) return 0;
      at += 3 + valueBytes(data[at + 2] ?? 0, offset);
    }
    if (!need(2)) return 0;
    const statics = readUint16(data, at);
    at += 2;
    for (let count = 0; count < statics; count += 1) {
      if (!need(idSize + 1)) return 0;
      at += idSize + 1 + valueBytes(data[at + idSize] ?? 0, offset);
    }
    if (!need(2)) return 0;
    const fields = readUint16(data, at);
    at += 2;
    for (let count = 0; count < fields; count += 1) {
      if (!need(idSize + 1)) return 0;
      valueBytes(data[at + idSize] ?? 0, offset);
      at += idSize + 1;
    }
    if (at > data.length) return 0;
    summary.classDump();
    return at - start;
  }

  function valueBytes(type: number, offset: number): number {
    const bytes = type === 2 ? idSize : (primitiveBytes[type] ?? 0);
    if (bytes === 0) throw corrupt('HPROF', `a class with a value of unknown type ${type}`, offset);
    return bytes;
  }

  return {
    setIdSize(bytes) {
      idSize = bytes;
      rootBytes = rootSizes(bytes);
    },
    walk(data, from, base, heapEnd) {
      const stop = Math.min(data.length, heapEnd - base);
      let at = from;
      while (at < stop) {
        const length = measure(data, at, base + at);
        if (length === 0) break;
        if (base + at + length > heapEnd) {
          throw corrupt('HPROF', 'a heap record larger than the segment around it', base + at);
        }
        at += length;
      }
      walked.skip = Math.max(0, at - data.length);
      walked.at = at - walked.skip;
      walked.progressed = at > from;
      return walked;
    },
  };
}

/** Garbage collection roots by tag, in bytes, tag included. */
function rootSizes(id: number): Readonly<Record<number, number>> {
  return {
    0xff: 1 + id,
    0x01: 1 + 2 * id,
    0x02: 9 + id,
    0x03: 9 + id,
    0x04: 5 + id,
    0x05: 1 + id,
    0x06: 5 + id,
    0x07: 1 + id,
    0x08: 9 + id,
  };
}

export function readUint32(data: Buffer, at: number): number {
  return (
    (data[at] ?? 0) * 0x1000000 +
    (((data[at + 1] ?? 0) << 16) | ((data[at + 2] ?? 0) << 8) | (data[at + 3] ?? 0))
  );
}

function readUint16(data: Buffer, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
}

/** An identifier as a number: they are addresses, and those stay below 2^53. */
export function readId(data: Buffer, at: number, idSize: number): number {
  if (idSize === 4) return readUint32(data, at);
  return readUint32(data, at) * 0x100000000 + readUint32(data, at + 4);
}
