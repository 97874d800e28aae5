import type { ClassDump } from './class-dump.ts';
import type { HeapVisitor } from './heap-walk.ts';
import { createMemoryEvidence, type MemoryEvidence } from './memory-model.ts';
import { objectType } from './values.ts';

/** Array lengths are counted by their remainder of this: that is all that padding depends on. */
const remainders = 256;

export interface InstanceTally {
  count: number;
  /** The least distance to the next object: no instance is larger. */
  leastDistance: number;
  /** How often it was that. */
  seen: number;
  /** How often there was any. */
  distances: number;
}

export interface ArrayTally {
  count: number;
  elements: number;
  readonly byRemainder: Uint32Array;
}

/** What a heap holds, by class; memory grows with the number of classes, not of objects. */
export interface Population extends HeapVisitor {
  readonly instances: ReadonlyMap<number, InstanceTally>;
  readonly objectArrays: ReadonlyMap<number, ArrayTally>;
  /** By type code. */
  readonly primitiveArrays: readonly ArrayTally[];
  readonly classes: ReadonlyMap<number, ClassDump>;
  /** Serial numbers of the threads' stack traces. */
  readonly threads: readonly number[];
  readonly evidence: MemoryEvidence;
}

const cacheSize = 512;

export function createPopulation(idSize: () => number): Population {
  const instances = new Map<number, InstanceTally>();
  const objectArrays = new Map<number, ArrayTally>();
  const primitiveArrays = Array.from({ length: 12 }, newArrayTally);
  const classes = new Map<number, ClassDump>();
  const threads: number[] = [];
  const evidence = createMemoryEvidence(idSize);
  // A Map's look-up of numbers this large costs more than all the rest of an object's walk.
  const cachedIds = new Float64Array(cacheSize).fill(-1);
  const cached = Array.from({ length: cacheSize }, newInstanceTally);

  let lastAddress = 0;
  let lastInstance: InstanceTally | undefined;
  let lastType = 0;
  let lastLength = 0;

  function tallyOf(classId: number): InstanceTally {
    const slot = (classId >>> 3) & (cacheSize - 1);
    if (cachedIds[slot] === classId) return cached[slot] as InstanceTally;
    let tally = instances.get(classId);
    if (!tally) instances.set(classId, (tally = newInstanceTally()));
    cachedIds[slot] = classId;
    cached[slot] = tally;
    return tally;
  }

  /** What the place of this object tells about the one before it. */
  function place(address: number): void {
    const distance = address - lastAddress;
    lastAddress = address;
    evidence.address(address);
    if (distance <= 0) return evidence.backwards();
    if (lastInstance) {
      lastInstance.distances += 1;
      if (distance === lastInstance.leastDistance) lastInstance.seen += 1;
      else if (distance < lastInstance.leastDistance) {
        lastInstance.leastDistance = distance;
        lastInstance.seen = 1;
      }
    } else if (lastType !== 0) evidence.arrayDistance(lastType, lastLength, distance);
  }

  return {
    instances,
    objectArrays,
    primitiveArrays,
    classes,
    threads,
    evidence,
    instance(address, classId) {
      place(address);
      lastInstance = tallyOf(classId);
      lastInstance.count += 1;
    },
    objectArray(address, classId, length) {
      place(address);
      lastInstance = undefined;
      lastType = objectType;
      lastLength = length;
      let tally = objectArrays.get(classId);
      if (!tally) objectArrays.set(classId, (tally = newArrayTally()));
      count(tally, length);
    },
    primitiveArray(address, type, length) {
      place(address);
      lastInstance = undefined;
      lastType = type;
      lastLength = length;
      count(primitiveArrays[type] as ArrayTally, length);
    },
    classDump(dump) {
      classes.set(dump.id, dump);
    },
    threadObject(stackTrace) {
      threads.push(stackTrace);
    },
  };
}

function newInstanceTally(): InstanceTally {
  return { count: 0, leastDistance: 0x7fffffff, seen: 0, distances: 0 };
}

function newArrayTally(): ArrayTally {
  return { count: 0, elements: 0, byRemainder: new Uint32Array(remainders) };
}

function count(tally: ArrayTally, length: number): void {
  tally.count += 1;
  tally.elements += length;
  tally.byRemainder[length % remainders] = (tally.byRemainder[length % remainders] ?? 0) + 1;
}
