/** No identifier is negative. */
const free = -1;
/** Powers of two; at most half of the slots are taken. */
const firstBits = 10;

/**
 * Numbers identifiers from 0 on as they come. A Map with keys this large (addresses) hashes boxed
 * numbers: that costs more than all the rest of an object's walk.
 */
export interface IdTable {
  size: number;
  bits: number;
  /** By slot; `free` where there is none. */
  keys: Float64Array;
  numbers: Int32Array;
}

export function createIdTable(): IdTable {
  return { size: 0, ...slots(firstBits) };
}

/** The number of `id`; of one that has not come before, the next number: the size up to now. */
export function numberFor(table: IdTable, id: number): number {
  const slot = slotOf(table, id);
  return table.keys[slot] === id ? (table.numbers[slot] as number) : add(table, slot, id);
}

/** Undefined = it has not come. */
export function numberOf(table: IdTable, id: number): number | undefined {
  const slot = slotOf(table, id);
  return id !== free && table.keys[slot] === id ? table.numbers[slot] : undefined;
}

/** All identifiers, by their numbers. */
export function idsOf({ size, keys, numbers }: IdTable): Float64Array {
  const ids = new Float64Array(size);
  for (const [slot, key] of keys.entries()) if (key !== free) ids[numbers[slot] as number] = key;
  return ids;
}

/** Where it is, or else where it belongs. */
function slotOf({ keys, bits }: IdTable, id: number): number {
  // Fibonacci hashing: addresses differ in their middle bits, which the product brings to the top.
  let slot = Math.imul(id | 0, 0x9e3779b1) >>> (32 - bits);
  for (;;) {
    const key = keys[slot];
    if (key === id || key === free) return slot;
    slot = (slot + 1) & (keys.length - 1);
  }
}

function add(table: IdTable, slot: number, id: number): number {
  const number = table.size;
  table.keys[slot] = id;
  table.numbers[slot] = number;
  table.size += 1;
  if (2 * table.size > table.keys.length) grow(table);
  return number;
}

function grow(table: IdTable): void {
  const { keys, numbers } = table;
  Object.assign(table, slots(table.bits + 1));
  for (const [from, key] of keys.entries()) {
    if (key === free) continue;
    const to = slotOf(table, key);
    table.keys[to] = key;
    table.numbers[to] = numbers[from] as number;
  }
}

function slots(bits: number): Pick<IdTable, 'bits' | 'keys' | 'numbers'> {
  return {
    bits,
    keys: new Float64Array(2 ** bits).fill(free),
    numbers: new Int32Array(2 ** bits),
  };
}
