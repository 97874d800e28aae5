import { createArrayTallies, type ArrayTallies } from './array-tallies.ts';
import { createByteTable, type ByteTable } from './byte-table.ts';
import { createInstanceTallies, type InstanceTallies } from './instance-tallies.ts';
import { createMemoryEvidence, type MemoryEvidence } from './memory-model.ts';
import type { LastObject } from './object-walk.ts';

/** What a heap holds, by class; memory grows with the number of classes, not of objects. */
export interface Population {
  readonly instances: InstanceTallies;
  readonly arrays: ArrayTallies;
  /** CLASS_DUMP records. */
  readonly classes: ByteTable;
  /** Serial numbers of the threads' stack traces. */
  readonly threads: number[];
  readonly evidence: MemoryEvidence;
  readonly last: LastObject;
}

export function createPopulation(): Population {
  return {
    instances: createInstanceTallies(),
    arrays: createArrayTallies(),
    classes: createByteTable(),
    threads: [],
    evidence: createMemoryEvidence(),
    last: { at: 0, address: 0, cells: -1, type: 0, length: 0 },
  };
}
