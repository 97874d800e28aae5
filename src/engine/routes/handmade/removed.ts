import { isDeepStrictEqual } from 'node:util';
import type { RemovedEntry } from '../../session/entry-record.ts';

interface Entry {
  readonly addresses: readonly string[];
}

/**
 * Takes out the addresses that `takes` names, whatever sessions have taken out before; an entry
 * without any left goes. Says where each was in the list as it was before all of them.
 */
export function takeOut<T extends Entry>(
  list: readonly T[],
  before: readonly RemovedEntry[],
  takes: (entry: T) => readonly string[],
): { readonly left: readonly T[]; readonly removed: readonly RemovedEntry[] } {
  const whole = reinsert(list, before);
  const removed = whole.flatMap((entry, index): RemovedEntry[] => {
    const gone = before.filter((each) => each.index === index).flatMap((each) => each.addresses);
    const addresses = takes(entry).filter((address) => !gone.includes(address));
    return addresses.length > 0 ? [{ index, entry: asJson(entry), addresses }] : [];
  });
  return { left: without(whole, [...before, ...removed]), removed };
}

/** Puts back what `removed` took out, and leaves out what others have taken out besides. */
export function putIn<T extends Entry>(
  list: readonly T[],
  removed: readonly RemovedEntry[],
  others: readonly RemovedEntry[],
): readonly T[] {
  return without(reinsert(list, [...removed, ...others]), others);
}

/**
 * The list as it would be had nobody taken anything out: each entry whole, and in its place as far as
 * the list still has that place. What somebody else has put back meanwhile is not doubled.
 */
function reinsert<T extends Entry>(
  list: readonly T[],
  removed: readonly RemovedEntry[],
): readonly T[] {
  const whole: T[] = [...list];
  const putBack = new Map<string, number>();
  for (const { index, entry } of onePerEntry(removed)) {
    const key = JSON.stringify(entry);
    const left = putBack.get(key) ?? list.filter((each) => isDeepStrictEqual(each, entry)).length;
    putBack.set(key, Math.max(left - 1, 0));
    if (left > 0) continue;
    const at = placeOf(whole, index, entry, removed);
    whole.splice(at ?? Math.min(index, whole.length), at === undefined ? 0 : 1, entry as never);
  }
  return whole;
}

/** Where what is left of an entry is; undefined when nothing of it was left. */
function placeOf(
  whole: readonly Entry[],
  index: number,
  entry: RemovedEntry['entry'],
  removed: readonly RemovedEntry[],
): number | undefined {
  const [rest] = without(
    [entry],
    removed.filter((each) => each.index === index),
  );
  if (!rest) return undefined;
  const isRest = (each: Entry | undefined) => isDeepStrictEqual(each, rest);
  if (isRest(whole[index])) return index;
  const at = whole.findIndex(isRest);
  return at === -1 ? undefined : at;
}

function onePerEntry(removed: readonly RemovedEntry[]): readonly RemovedEntry[] {
  const byIndex = new Map(removed.map((each) => [each.index, each]));
  return [...byIndex.values()].toSorted((a, b) => a.index - b.index);
}

function without<T extends Entry>(
  whole: readonly T[],
  removed: readonly RemovedEntry[],
): readonly T[] {
  return whole.flatMap((entry) => {
    const taken = removed.filter((each) => isDeepStrictEqual(each.entry, entry));
    if (taken.length === 0) return [entry];
    const gone = taken.flatMap(({ addresses }) => addresses);
    const addresses = entry.addresses.filter((address) => !gone.includes(address));
    return addresses.length > 0 ? [{ ...entry, addresses }] : [];
  });
}

function asJson(entry: Entry): RemovedEntry['entry'] {
  return { ...entry, addresses: [...entry.addresses] };
}
