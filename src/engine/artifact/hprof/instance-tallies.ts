import { createIdTable, idsOf, numberFor, type IdTable } from './id-table.ts';

export interface InstanceTally {
  readonly count: number;
  /** The least distance to the next object: no instance is larger. */
  readonly leastDistance: number;
  /** How often it was that. */
  readonly seen: number;
  /** How often there was any. */
  readonly distances: number;
}

/** Of each class what is in its `InstanceTally`, four cells a class, so that one line of the cache has it. */
export interface InstanceTallies {
  readonly classes: IdTable;
  cells: Float64Array;
}

const [count, leastDistance, distances, larger] = [0, 1, 2, 3] as const;
const cellsEach = 4;

export function createInstanceTallies(): InstanceTallies {
  return { classes: createIdTable(), cells: new Float64Array(0) };
}

/** Counts an instance; answers where its class's cells are. */
export function countInstance(tallies: InstanceTallies, classId: number): number {
  const at = cellsEach * numberFor(tallies.classes, classId);
  if (at >= tallies.cells.length) grow(tallies);
  const { cells } = tallies;
  cells[at + count] = (cells[at + count] as number) + 1;
  return at;
}

/** The next object is so far behind the instance that was counted last. */
export function noteDistance({ cells }: InstanceTallies, at: number, distance: number): void {
  cells[at + distances] = (cells[at + distances] as number) + 1;
  const least = cells[at + leastDistance] as number;
  // As most instances are followed at once by the next object, there is mostly nothing more to do.
  if (distance === least) return;
  if (distance > least) cells[at + larger] = (cells[at + larger] as number) + 1;
  else {
    cells[at + leastDistance] = distance;
    cells[at + larger] = (cells[at + distances] as number) - 1;
  }
}

/** By class, in the order in which they came. */
export function instanceTallies({
  classes,
  cells,
}: InstanceTallies): ReadonlyMap<number, InstanceTally> {
  const tallies = new Map<number, InstanceTally>();
  for (const [number, classId] of idsOf(classes).entries()) {
    const at = cellsEach * number;
    tallies.set(classId, {
      count: cells[at + count] as number,
      leastDistance: cells[at + leastDistance] as number,
      seen: (cells[at + distances] as number) - (cells[at + larger] as number),
      distances: cells[at + distances] as number,
    });
  }
  return tallies;
}

function grow(tallies: InstanceTallies): void {
  const { cells } = tallies;
  tallies.cells = new Float64Array(Math.max(1024, 2 * cells.length));
  tallies.cells.set(cells);
  for (let at = cells.length; at < tallies.cells.length; at += cellsEach) {
    tallies.cells[at + leastDistance] = 0x7fffffff;
  }
}
