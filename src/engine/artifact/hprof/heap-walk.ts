import { corrupt } from '../format-check.ts';
import { measureClassDump } from './class-dump.ts';
import { objectHeadBytes, objectTag, walkObjects } from './object-walk.ts';
import type { Population } from './population.ts';
import { readId } from './values.ts';

const threadObject = 0x08;
const classDump = 0x20;

/** A HEAP_DUMP or HEAP_DUMP_SEGMENT that is being walked. */
export interface HeapRecord {
  /** In the file; Infinity = it goes to the end of the file. */
  endOffset: number;
  /** Then a sub-record that crosses the end shows that it has; else it is an error. */
  readonly lengthMayHaveWrapped: boolean;
}

interface HeapBytes {
  readonly view: DataView;
  readonly from: number;
  /** Of the view, in the file. */
  readonly offset: number;
  readonly idSize: number;
}

/**
 * Walks the sub-records of a heap record. Answers where it stopped: at the record's end, at a
 * sub-record that needs more than is there, or beyond the view by what it need not see.
 */
export function walkHeap(population: Population, record: HeapRecord, bytes: HeapBytes): number {
  const { view, offset, idSize } = bytes;
  let at = bytes.from;
  for (;;) {
    const to = Math.min(view.byteLength, record.endOffset - offset);
    let start = at;
    at = walkObjects(population, { view, from: at, to, idSize });
    if (at > start) start = population.last.at;
    if (at < to) {
      const length = measureOther(population, { ...bytes, from: at });
      if (length === 0) return at;
      start = at;
      at += length;
    }
    if (offset + at > record.endOffset) outgrow(record, offset + start, offset + at);
    if (at >= view.byteLength || offset + at === record.endOffset) return at;
  }
}

/** Length of a sub-record that is no object, tag included; 0 = what tells it is not all there. */
function measureOther(
  { classes, threads }: Population,
  { view, from: at, offset, idSize }: HeapBytes,
): number {
  const tag = view.getUint8(at);
  const left = view.byteLength - at;
  if (tag >= objectTag.instance && tag <= objectTag.primitiveArray) {
    const head = objectHeadBytes(tag, idSize);
    if (left < head) return 0;
    throw corrupt('HPROF', `an array of unknown type ${view.getUint8(at + head - 1)}`, offset + at);
  }
  if (tag === classDump) {
    const length = measureClassDump(view, { at, idSize, offset: offset + at });
    if (length === 0) return 0;
    const record = new Uint8Array(view.buffer, view.byteOffset + at, length);
    classes.add(readId(view, at + 1, idSize), record, { start: 0, end: length });
    return length;
  }
  const bytes = rootBytes(tag, idSize);
  if (bytes === 0) {
    throw corrupt('HPROF', `unknown heap record 0x${tag.toString(16)}`, offset + at);
  }
  if (left < bytes) return 0;
  if (tag === threadObject) threads.push(view.getUint32(at + 5 + idSize));
  return bytes;
}

/** Of a garbage collection root, tag included; 0 = there is none of that tag. */
function rootBytes(tag: number, idSize: number): number {
  switch (tag) {
    case 0xff:
    case 0x05:
    case 0x07:
      return 1 + idSize;
    case 0x01:
      return 1 + 2 * idSize;
    case 0x04:
    case 0x06:
      return 5 + idSize;
    case 0x02:
    case 0x03:
    case threadObject:
      return 9 + idSize;
    default:
      return 0;
  }
}

/** The last sub-record goes from `start` to `end`, beyond what the heap record says of itself. */
function outgrow(record: HeapRecord, start: number, end: number): void {
  if (!record.lengthMayHaveWrapped) {
    throw corrupt('HPROF', 'a heap record larger than the segment around it', start);
  }
  while (end > record.endOffset) record.endOffset += 2 ** 32;
}
