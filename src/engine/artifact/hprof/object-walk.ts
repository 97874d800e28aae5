import { countObjectArray, countPrimitiveArray } from './array-tallies.ts';
import { countInstance, noteDistance } from './instance-tallies.ts';
import type { Population } from './population.ts';
import { objectType, readId, valueBytes } from './values.ts';

export const objectTag = { instance: 0x21, objectArray: 0x22, primitiveArray: 0x23 } as const;

/** A stretch of heap records that lies in memory. */
export interface Stretch {
  readonly view: DataView;
  readonly from: number;
  /** No record begins here or behind. */
  readonly to: number;
  readonly idSize: number;
}

/** The object that was walked last. */
export interface LastObject {
  /** Where its record began in the stretch. */
  at: number;
  address: number;
  /** Where an instance is counted; -1 = it is an array, or there has been none. */
  cells: number;
  /** An array's; 0 = there has been none. */
  type: number;
  length: number;
}

/** From an object's tag up to its content. */
export function objectHeadBytes(tag: number, idSize: number): number {
  return tag === objectTag.primitiveArray ? 10 + idSize : 9 + 2 * idSize;
}

/**
 * Counts one object after the other. Answers where it stopped: behind `to` where the last one reaches
 * beyond it; before it at another kind of record, at a head that is not all here, or at an array of
 * no known type. This is the loop that must be fast: it neither allocates nor throws, and what
 * objects contain is passed over.
 */
export function walkObjects(
  { instances, arrays, evidence, last }: Population,
  { view, from, to, idSize }: Stretch,
): number {
  const end = view.byteLength;
  const objectHead = objectHeadBytes(objectTag.instance, idSize);
  const arrayHead = objectHeadBytes(objectTag.primitiveArray, idSize);
  let { at: start, address, cells, type, length } = last;
  let count = 0;
  let anyBit = 0;
  let at = from;

  while (at < to) {
    const tag = view.getUint8(at);
    let nextCells = -1;
    let nextType = 0;
    let nextLength = 0;
    let next = at;
    if (tag === objectTag.instance) {
      if (at + objectHead > end) break;
      nextCells = countInstance(instances, readId(view, at + 5 + idSize, idSize));
      next += objectHead + view.getUint32(at + objectHead - 4);
    } else if (tag === objectTag.primitiveArray) {
      if (at + arrayHead > end) break;
      nextType = view.getUint8(at + arrayHead - 1);
      const elementBytes = valueBytes[nextType] ?? 0;
      if (elementBytes === 0) break;
      nextLength = view.getUint32(at + 5 + idSize);
      countPrimitiveArray(arrays, nextType, nextLength);
      next += arrayHead + nextLength * elementBytes;
    } else if (tag === objectTag.objectArray) {
      if (at + objectHead > end) break;
      nextType = objectType;
      nextLength = view.getUint32(at + 5 + idSize);
      countObjectArray(arrays, readId(view, at + 9 + idSize, idSize), nextLength);
      next += objectHead + nextLength * idSize;
    } else break;

    const nextAddress = readId(view, at + 1, idSize);
    const distance = nextAddress - address;
    if (distance <= 0) evidence.backwards();
    else if (cells >= 0) noteDistance(instances, cells, distance);
    else if (type !== 0) evidence.arrayDistance(type, length, distance);
    address = nextAddress;
    anyBit |= nextAddress;
    count += 1;
    start = at;
    cells = nextCells;
    type = nextType;
    length = nextLength;
    at = next;
  }

  evidence.addresses(count, anyBit);
  last.at = start;
  last.address = address;
  last.cells = cells;
  last.type = type;
  last.length = length;
  return at;
}
