import { createArrayTallies, type ArrayTallies } from './array-tallies.ts';
import type { ClassDump } from './class-dump.ts';
import { createInstanceTallies, type InstanceTallies } from './instance-tallies.ts';
import { createMemoryEvidence, type MemoryEvidence } from './memory-model.ts';
import type { LastObject } from './object-walk.ts';

/** What a heap holds, by class; memory grows with the number of classes, not of objects. */
export interface Population {
  readonly instances: InstanceTallies;
  readonly arrays: ArrayTallies;
  readonly classes: Map<number, ClassDump>;
  /** Serial numbers of the threads' stack traces. */
  readonly threads: number[];
  readonly evidence: MemoryEvidence;
  readonly last: LastObject;
}

export function createPopulation(): Population {
  return {
    instances: createInstanceTallies(),
    arrays: createArrayTallies(),
    classes: new Map(),
    threads: [],
    evidence: createMemoryEvidence(),
    last: { at: 0, address: 0, cells: -1, type: 0, length: 0 },
  };
}
