/**
 * A set of field paths in the form of FieldsV1: `{ "f:spec": { "f:replicas": {} } }`. An element is
 * a member when its node has a "." or nothing at all. Sets are never changed once they are shared.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

export type FieldSetBuilder = { [element: string]: FieldSetBuilder };

export const emptySet: FieldSet = {};
const self = '.';

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Is the node under an element itself in the set, not only something below it? */
export function isMember(node: FieldSet): boolean {
  return self in node || isEmptySet(node);
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  if (isEmptySet(a)) return b;
  let result: FieldSetBuilder | undefined;
  let hasNewKeys = false;
  for (const element in b) {
    if (element === self) continue;
    const theirs = b[element] ?? emptySet;
    const ours = a[element];
    const merged =
      ours === undefined
        ? theirs
        : node(isMember(ours) || isMember(theirs), union(below(ours), below(theirs)), ours);
    if (merged === ours || merged === undefined) continue;
    hasNewKeys ||= ours === undefined;
    result ??= { ...a };
    result[element] = merged;
  }
  if (!result) return a;
  return hasNewKeys ? sortedElements(result) : result;
}

/** The members of a that are not members of b, path by path. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, false);
}

/** As `difference`, but a member of b takes everything below it along. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, true);
}

function subtract(a: FieldSet, b: FieldSet, isRecursive: boolean): FieldSet {
  let result: FieldSetBuilder | undefined;
  for (const element in b) {
    if (element === self) continue;
    const ours = a[element];
    const theirs = b[element];
    if (ours === undefined || theirs === undefined) continue;
    const rest =
      isRecursive && isMember(theirs)
        ? undefined
        : node(
            isMember(ours) && !isMember(theirs),
            subtract(below(ours), below(theirs), isRecursive),
            ours,
          );
    if (rest === ours) continue;
    result ??= { ...a };
    if (rest === undefined) delete result[element];
    else result[element] = rest;
  }
  return result ?? a;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSetBuilder = {};
  for (const element in a) {
    const ours = a[element];
    const theirs = b[element];
    if (element === self || ours === undefined || theirs === undefined) continue;
    const common = node(
      isMember(ours) && isMember(theirs),
      intersection(below(ours), below(theirs)),
      undefined,
    );
    if (common) result[element] = common;
  }
  return result;
}

/** Adds one path to a set under construction. */
export function insert(set: FieldSetBuilder, path: readonly string[]): void {
  let at = set;
  const last = path.length - 1;
  for (let index = 0; index <= last; index += 1) {
    const element = path[index] ?? '';
    const next = at[element];
    if (next === undefined) {
      at = at[element] = {};
      continue;
    }
    const isLeaf = isEmptySet(next);
    if (index < last ? isLeaf : !isLeaf) next[self] = {};
    at = next;
  }
}

/** The set with all its elements in upstream's order: fields by name, then keys, then values. */
export function sortedSet(set: FieldSet): FieldSet {
  const sorted: FieldSetBuilder = {};
  const elements = Object.keys(set);
  if (elements.length > 1) elements.sort(compareElements);
  for (const element of elements) {
    sorted[element] = sortedSet(set[element] ?? emptySet);
  }
  return sorted;
}

/** Calls `visit` with each member as upstream prints a path: `.spec.ports[port=80,protocol="TCP"].name`. */
export function forEachPath(set: FieldSet, visit: (path: string) => void, prefix = ''): void {
  for (const element of Object.keys(set).sort(compareElements)) {
    if (element === self) continue;
    const path = prefix + elementText(element);
    const child = set[element] ?? emptySet;
    if (isMember(child)) visit(path);
    forEachPath(below(child), visit, path);
  }
}

function elementText(element: string): string {
  const content = element.slice(2);
  switch (element.charAt(0)) {
    case 'k': {
      const keys = Object.entries(JSON.parse(content) as Record<string, unknown>);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v':
      return `[=${content}]`;
    case 'i':
      return `[${content}]`;
    default:
      return `.${content}`;
  }
}

/** A node's children as a set of their own. */
export function below(child: FieldSet): FieldSet {
  if (!(self in child)) return child;
  const { [self]: _, ...children } = child;
  return children;
}

// Keeps the node it was made from when nothing changed, so that untouched managers keep their sets.
function node(
  isSelf: boolean,
  children: FieldSet,
  unchanged: FieldSet | undefined,
): FieldSet | undefined {
  if (isEmptySet(children)) {
    if (!isSelf) return undefined;
    return unchanged && isEmptySet(unchanged) ? unchanged : emptySet;
  }
  if (unchanged && isSelf === isMember(unchanged) && hasSameChildren(unchanged, children)) {
    return unchanged;
  }
  return isSelf ? { [self]: {}, ...children } : children;
}

function hasSameChildren(a: FieldSet, children: FieldSet): boolean {
  let count = 0;
  for (const element in a) {
    if (element === self) continue;
    if (children[element] !== a[element]) return false;
    count += 1;
  }
  for (const _ in children) count -= 1;
  return count === 0;
}

function sortedElements(set: FieldSetBuilder): FieldSetBuilder {
  return Object.fromEntries(Object.entries(set).sort(([a], [b]) => compareElements(a, b)));
}

const rank: Readonly<Record<string, number>> = { '.': 0, f: 1, k: 2, v: 3, i: 4 };

function compareElements(a: string, b: string): number {
  const byKind = (rank[a.charAt(0)] ?? 5) - (rank[b.charAt(0)] ?? 5);
  if (byKind !== 0) return byKind;
  if (a === b) return 0;
  if (a.startsWith('k:') || a.startsWith('i:')) {
    const byNumber = compareNumbersAt(a, b, firstDifference(a, b));
    if (byNumber !== undefined) return byNumber;
  }
  return a < b ? -1 : 1;
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}

/** Upstream a key's numbers go by value and its strings by their bytes: undefined when `at` is in no number. */
function compareNumbersAt(a: string, b: string, at: number): number | undefined {
  let from = at;
  while (isOfNumber(a.charCodeAt(from - 1))) from -= 1;
  const before = a.charAt(from - 1);
  if (before !== ':' || isInString(a, from)) return undefined;
  const difference = Number.parseFloat(a.slice(from)) - Number.parseFloat(b.slice(from));
  return Number.isNaN(difference) || difference === 0 ? undefined : difference;
}

function isOfNumber(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e;
}

function isInString(json: string, at: number): boolean {
  let isIn = false;
  for (let index = 2; index < at; index += 1) {
    const char = json.charAt(index);
    if (isIn && char === '\\') index += 1;
    else if (char === '"') isIn = !isIn;
  }
  return isIn;
}
