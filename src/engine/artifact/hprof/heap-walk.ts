import { corrupt } from '../format-check.ts';
import { readClassDump, type ClassDump } from './class-dump.ts';
import { valueBytes } from './values.ts';

const subTag = {
  threadObject: 0x08,
  classDump: 0x20,
  instance: 0x21,
  objectArray: 0x22,
  primitiveArray: 0x23,
} as const;

/** Hears of each object in the order of the file; identifiers are addresses. */
export interface HeapVisitor {
  instance(address: number, classId: number): void;
  objectArray(address: number, classId: number, length: number): void;
  primitiveArray(address: number, type: number, length: number): void;
  classDump(dump: ClassDump): void;
  threadObject(stackTrace: number): void;
}

interface Walked {
  at: number;
  heapEnd: number;
  /** Bytes after the end of the data that belong to the last sub-record. */
  skip: number;
  progressed: boolean;
}

interface HeapWalk {
  setIdSize(bytes: number): void;
  /**
   * Walks sub-records in `view` from `at` on, up to the heap record's end at file offset `heapEnd`.
   * One that crosses that end is an error; where the heap record's 32 bits of length may have run
   * over, it tells that they have.
   */
  walk(
    view: DataView,
    from: { at: number; base: number; heapEnd: number; lengthMayHaveWrapped: boolean },
  ): Walked;
}

/** Walks the sub-records of HEAP_DUMP and HEAP_DUMP_SEGMENT; this is the loop that must be fast. */
export function createHeapWalk(visitor: HeapVisitor): HeapWalk {
  let idSize = 8;
  let rootBytes = rootSizes(idSize);
  const walked: Walked = { at: 0, heapEnd: 0, skip: 0, progressed: false };

  // Identifiers are addresses, and those stay below 2^53.
  function id(view: DataView, at: number): number {
    return idSize === 8
      ? view.getUint32(at) * 0x100000000 + view.getUint32(at + 4)
      : view.getUint32(at);
  }

  /** Length of the sub-record at `at`, tag included; 0 = its head is not all here. */
  function measure(view: DataView, at: number, offset: number): number {
    const kind = view.getUint8(at);
    const left = view.byteLength - at;
    if (kind === subTag.instance) {
      const head = 9 + 2 * idSize;
      if (left < head) return 0;
      visitor.instance(id(view, at + 1), id(view, at + 5 + idSize));
      return head + view.getUint32(at + 5 + 2 * idSize);
    }
    if (kind === subTag.primitiveArray) {
      const head = 10 + idSize;
      if (left < head) return 0;
      const type = view.getUint8(at + 9 + idSize);
      const size = valueBytes[type] ?? 0;
      if (size === 0) throw corrupt('HPROF', `an array of unknown type ${type}`, offset);
      const length = view.getUint32(at + 5 + idSize);
      visitor.primitiveArray(id(view, at + 1), type, length);
      return head + length * size;
    }
    if (kind === subTag.objectArray) {
      const head = 9 + 2 * idSize;
      if (left < head) return 0;
      const length = view.getUint32(at + 5 + idSize);
      visitor.objectArray(id(view, at + 1), id(view, at + 9 + idSize), length);
      return head + length * idSize;
    }
    if (kind === subTag.classDump) {
      const read = readClassDump(view, { at, idSize, offset });
      if (!read) return 0;
      visitor.classDump(read.dump);
      return read.length;
    }
    const root = rootBytes[kind];
    if (root === undefined) {
      throw corrupt('HPROF', `unknown heap record 0x${kind.toString(16)}`, offset);
    }
    if (left < root) return 0;
    if (kind === subTag.threadObject) visitor.threadObject(view.getUint32(at + 5 + idSize));
    return root;
  }

  return {
    setIdSize(bytes) {
      idSize = bytes;
      rootBytes = rootSizes(bytes);
    },
    walk(view, { at: from, base, heapEnd: declaredEnd, lengthMayHaveWrapped }) {
      let heapEnd = declaredEnd;
      let stop = Math.min(view.byteLength, heapEnd - base);
      let at = from;
      while (at < stop) {
        const length = measure(view, at, base + at);
        if (length === 0) break;
        if (base + at + length > heapEnd) {
          if (!lengthMayHaveWrapped) {
            throw corrupt('HPROF', 'a heap record larger than the segment around it', base + at);
          }
          while (base + at + length > heapEnd) heapEnd += 2 ** 32;
          stop = Math.min(view.byteLength, heapEnd - base);
        }
        at += length;
      }
      walked.heapEnd = heapEnd;
      walked.skip = Math.max(0, at - view.byteLength);
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
