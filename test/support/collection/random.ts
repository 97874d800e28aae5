/** Numbers that a seed decides (mulberry32): what failed once fails again. */
export interface Random {
  readonly seed: number;
  /** At least 0 and less than `end`. */
  below(end: number): number;
  pick<T>(from: readonly T[]): T;
}

/** `PITSTOP_SEED` repeats a run; whoever makes one prints its seed. */
export function createRandom(): Random {
  const seed = Number(process.env['PITSTOP_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    seed,
    below,
    pick: (from) => {
      const one = from[below(from.length)];
      if (one === undefined) throw new Error('nothing to pick from');
      return one;
    },
  };
}
