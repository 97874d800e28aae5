import type { Endpoint } from '../balancer/index.ts';
import { shared, table } from './names.ts';

/** A part of the kernel's rules, as text that nft reads; what several parts share is not in it. */
export interface Ruleset {
  /** By number: of 5,000 endpoints only those that come or go are written as text. */
  readonly endpoints: ReadonlyMap<number, Pick<Endpoint, 'address' | 'port'>>;
  /** Maps from a place in the list to the number of an endpoint; their definitions are in `sets`. */
  readonly lists: ReadonlyMap<string, readonly number[]>;
  /** Sets and maps: their definitions by name. */
  readonly sets: ReadonlyMap<string, string>;
  /** The rules of each chain. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** By set, then by key; the value is empty in a set, and a map's data in a map. */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export const emptyRuleset: Ruleset = {
  endpoints: new Map(),
  lists: new Map(),
  sets: new Map(),
  chains: new Map(),
  elements: new Map(),
};

/** As many elements as fit in one command; a transaction has a limit in bytes. */
const BATCH = 200;

/**
 * The commands that lead from one ruleset to the other. Applied in one transaction they hold at
 * once; in several, one after the other, a packet meets the old rules or the new ones: what is
 * referred to is there before and until after what refers to it.
 */
export function commandsBetween(before: Ruleset, after: Ruleset): readonly string[] {
  const gone = <T>(from: ReadonlyMap<string, T>, to: ReadonlyMap<string, T>) =>
    [...from.keys()].filter((name) => !to.has(name));
  const newSets = gone(after.sets, before.sets);
  const newChains = gone(after.chains, before.chains);
  const changedChains = [...after.chains].filter(
    ([name, rules]) => before.chains.get(name)?.join('\n') !== rules.join('\n'),
  );
  const goneChains = gone(before.chains, after.chains);
  const elements = [
    ...changedEndpoints(before.endpoints, after.endpoints),
    ...namesOf(before.lists, after.lists).map((set) =>
      changedList(set, before.lists.get(set) ?? [], after.lists.get(set) ?? []),
    ),
    ...namesOf(before.elements, after.elements).map((set) =>
      changedElements(set, before.elements.get(set), after.elements.get(set)),
    ),
  ];
  const dispatch = elements.filter(({ isDispatch }) => isDispatch);
  const data = elements.filter(({ isDispatch }) => !isDispatch);
  return [
    ...newSets.map((name) => `add ${after.sets.get(name)?.replace(' ', ` ${table} ${name} `)}`),
    ...newChains.map((name) => `add chain ${table} ${name}`),
    ...data.flatMap(({ set, added }) => elementCommands('add', set, added)),
    ...data.flatMap(({ set, replaced }) => replacements(set, replaced)),
    ...changedChains.flatMap(([name, rules]) => [
      ...(before.chains.has(name) ? [`flush chain ${table} ${name}`] : []),
      ...rules.map((rule) => `add rule ${table} ${name} ${rule}`),
    ]),
    ...dispatch.flatMap(({ set, removed, replaced, added }) => [
      ...elementCommands('delete', set, removed),
      ...replacements(set, replaced),
      ...elementCommands('add', set, added),
    ]),
    ...data
      .filter(({ set }) => !before.sets.has(set) || after.sets.has(set))
      .flatMap(({ set, removed }) => elementCommands('delete', set, removed)),
    ...goneChains.map((name) => `flush chain ${table} ${name}`),
    ...goneChains.map((name) => `delete chain ${table} ${name}`),
    ...gone(before.sets, after.sets).map(
      (name) => `delete ${before.sets.get(name)?.split(' ')[0]} ${table} ${name}`,
    ),
  ];
}

interface ChangedElements {
  readonly set: string;
  /** Whether its values are verdicts: those send packets to the chains. */
  readonly isDispatch: boolean;
  readonly added: readonly string[];
  /** Pairs: the element as it was and as it is to be. */
  readonly replaced: readonly (readonly [string, string])[];
  readonly removed: readonly string[];
}

function namesOf(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])];
}

function changedEndpoints(
  before: Ruleset['endpoints'],
  after: Ruleset['endpoints'],
): readonly ChangedElements[] {
  const added = [...after].filter(([number]) => !before.has(number));
  const removed = [...before].filter(([number]) => !after.has(number));
  const sets: Readonly<Record<string, (one: (typeof added)[number]) => string>> = {
    [shared.targets]: ([number, { address, port }]) => `${number} : ${address} . ${port}`,
    [shared.loops]: ([number, { address }]) => `${number} . ${address}`,
  };
  return Object.entries(sets).map(([set, text]) => ({
    set,
    isDispatch: false,
    added: added.map(text),
    replaced: [],
    removed: removed.map(text),
  }));
}

function changedList(
  set: string,
  before: readonly number[],
  after: readonly number[],
): ChangedElements {
  const text = (number: number, index: number) => `${index} : ${number}`;
  const replaced: [string, string][] = [];
  for (let index = 0; index < Math.min(before.length, after.length); index += 1) {
    const [old, now] = [before[index]!, after[index]!];
    if (old !== now) replaced.push([text(old, index), text(now, index)]);
  }
  const added = after.slice(before.length).map((now, at) => text(now, before.length + at));
  const removed = before.slice(after.length).map((old, at) => text(old, after.length + at));
  return { set, isDispatch: false, added, replaced, removed };
}

function changedElements(
  set: string,
  before: ReadonlyMap<string, string> = new Map(),
  after: ReadonlyMap<string, string> = new Map(),
): ChangedElements {
  const added: string[] = [];
  const replaced: [string, string][] = [];
  const removed: string[] = [];
  for (const [key, value] of after) {
    const old = before.get(key);
    if (old === undefined) added.push(element(key, value));
    else if (old !== value) replaced.push([element(key, old), element(key, value)]);
  }
  for (const [key, value] of before) if (!after.has(key)) removed.push(element(key, value));
  const isDispatch = [...before.values(), ...after.values()][0]?.startsWith('goto ') ?? false;
  return { set, isDispatch, added, replaced, removed };
}

function element(key: string, value: string): string {
  return value === '' ? key : `${key} : ${value}`;
}

function elementCommands(
  verb: 'add' | 'delete',
  set: string,
  elements: readonly string[],
): readonly string[] {
  const commands: string[] = [];
  for (let from = 0; from < elements.length; from += BATCH) {
    const batch = elements.slice(from, from + BATCH).join(', ');
    commands.push(`${verb} element ${table} ${set} { ${batch} }`);
  }
  return commands;
}

// In one line, which is one transaction: the key is never without a value.
function replacements(
  set: string,
  replaced: readonly (readonly [string, string])[],
): readonly string[] {
  return replaced.map(
    ([before, after]) =>
      `delete element ${table} ${set} { ${before} }; add element ${table} ${set} { ${after} }`,
  );
}
