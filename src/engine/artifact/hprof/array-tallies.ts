import { createIdTable, idsOf, numberFor, type IdTable } from './id-table.ts';
import { valueBytes } from './values.ts';

/** Array lengths are counted by their remainder of this: that is all that padding depends on. */
const remainders = 256;

export interface ArrayTally {
  readonly count: number;
  readonly elements: number;
  readonly byRemainder: Uint32Array;
}

/** Arrays of primitives have the first numbers, by type code; those of objects follow, by class. */
export interface ArrayTallies {
  readonly classes: IdTable;
  elements: Float64Array;
  byRemainder: Uint32Array;
}

const types = valueBytes.length;

export function createArrayTallies(): ArrayTallies {
  const capacity = 64;
  return {
    classes: createIdTable(),
    elements: new Float64Array(capacity),
    byRemainder: new Uint32Array(remainders * capacity),
  };
}

export function countPrimitiveArray(tallies: ArrayTallies, type: number, length: number): void {
  count(tallies, type, length);
}

export function countObjectArray(tallies: ArrayTallies, classId: number, length: number): void {
  const number = types + numberFor(tallies.classes, classId);
  if (number >= tallies.elements.length) grow(tallies);
  count(tallies, number, length);
}

function count({ elements, byRemainder }: ArrayTallies, number: number, length: number): void {
  elements[number] = (elements[number] as number) + length;
  const at = remainders * number + (length % remainders);
  byRemainder[at] = (byRemainder[at] as number) + 1;
}

/** By class, in the order in which they came. */
export function objectArrayTallies(tallies: ArrayTallies): ReadonlyMap<number, ArrayTally> {
  const ids = [...idsOf(tallies.classes)];
  return new Map(ids.map((classId, number) => [classId, tallyOf(tallies, types + number)]));
}

/** By type code. */
export function primitiveArrayTallies(tallies: ArrayTallies): readonly ArrayTally[] {
  return Array.from({ length: types }, (_, type) => tallyOf(tallies, type));
}

function tallyOf({ elements, byRemainder }: ArrayTallies, number: number): ArrayTally {
  const own = byRemainder.subarray(remainders * number, remainders * (number + 1));
  return {
    count: own.reduce((sum, each) => sum + each, 0),
    elements: elements[number] as number,
    byRemainder: own,
  };
}

function grow(tallies: ArrayTallies): void {
  const { elements, byRemainder } = tallies;
  tallies.elements = new Float64Array(2 * elements.length);
  tallies.elements.set(elements);
  tallies.byRemainder = new Uint32Array(2 * byRemainder.length);
  tallies.byRemainder.set(byRemainder);
}
