/** More keys than this are not tried in every combination: 4,096 of them. */
const mostKeys = 12;

/**
 * The best set of keys that holds one of each group and that `accept` makes something of: the one of
 * the lowest cost, then of the fewest keys, then first by name.
 */
export function chooseKeys<T>(
  groups: readonly (readonly string[])[],
  cost: (keys: readonly string[]) => number,
  accept: (keys: readonly string[]) => T | undefined,
): T | undefined {
  if (groups.some((group) => group.length === 0)) return undefined;
  const keys = [...new Set(groups.flat())].sort();
  const sets = keys.length <= mostKeys ? covering(groups, keys) : [greedy(groups, cost), keys];
  const costs = new Map(sets.map((set) => [set, cost(set)]));
  const best = sets.toSorted(
    (a, b) =>
      (costs.get(a) ?? 0) - (costs.get(b) ?? 0) ||
      a.length - b.length ||
      a.join().localeCompare(b.join()),
  );
  for (const set of best) {
    const accepted = accept(set);
    if (accepted !== undefined) return accepted;
  }
  return undefined;
}

function covering(groups: readonly (readonly string[])[], keys: readonly string[]) {
  const sets = keys.reduce<readonly (readonly string[])[]>(
    (smaller, key) => [...smaller, ...smaller.map((set) => [...set, key])],
    [[]],
  );
  return sets.filter((set) => groups.every((group) => group.some((key) => set.includes(key))));
}

/** One after the other the key that covers most of what is left, the cheapest of these. */
function greedy(
  groups: readonly (readonly string[])[],
  cost: (keys: readonly string[]) => number,
): readonly string[] {
  const chosen: string[] = [];
  let open = groups;
  while (open.length > 0) {
    const counts = new Map<string, number>();
    for (const key of open.flat()) counts.set(key, (counts.get(key) ?? 0) + 1);
    const [best] = [...counts].sort(
      ([a, m], [b, n]) => n - m || cost([a]) - cost([b]) || a.localeCompare(b),
    );
    if (!best) break;
    chosen.push(best[0]);
    open = open.filter((group) => !group.includes(best[0]));
  }
  return chosen.sort();
}
