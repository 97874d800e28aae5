import type { KubeObject } from '../api.ts';
import { deepFreeze, Entry, keyOf } from './entry.ts';
import { type Change, WatchLog, type WatchLogLimits } from './watch-log.ts';

export interface CollectionOptions {
  readonly limits: WatchLogLimits;
  readonly now: () => number;
  readonly nextRevision: () => number;
}

/** The objects of one kind, their history, and who wants to hear of changes. */
export class Collection {
  readonly log: WatchLog;
  readonly #nextRevision: () => number;
  readonly #byKey = new Map<string, Entry>();
  /** The same entries in key order: lists and continue tokens walk it. */
  readonly #sorted: Entry[] = [];
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(options: CollectionOptions) {
    this.log = new WatchLog(options.limits, options.now);
    this.#nextRevision = options.nextRevision;
  }

  get size(): number {
    return this.#sorted.length;
  }

  get(key: string): Entry | undefined {
    return this.#byKey.get(key);
  }

  /** Entries in key order, of one namespace or of all; a copy that later writes do not change. */
  entries(namespace?: string): Entry[] {
    if (!namespace) return this.#sorted.slice();
    return this.#sorted.slice(this.#indexOf(`${namespace}/`), this.#indexOf(`${namespace}0`));
  }

  /** The entries as they were at `revision`: the present with the log undone. `undefined` when compacted. */
  entriesAt(revision: number, namespace?: string): Entry[] | undefined {
    const changes = this.log.since(revision);
    if (!changes) return undefined;
    if (changes.length === 0) return this.entries(namespace);
    const past = new Map(this.entries(namespace).map((entry) => [entry.key, entry]));
    for (const { entry, previous } of changes.reverse()) {
      if (namespace && !entry.key.startsWith(`${namespace}/`)) continue;
      if (previous) past.set(entry.key, previous);
      else past.delete(entry.key);
    }
    return [...past.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Stores the object under a new revision, which becomes its resourceVersion; the caller gives the draft away. */
  put(object: KubeObject): Entry {
    const key = keyOf(object.metadata?.namespace, object.metadata?.name ?? '');
    const previous = this.#byKey.get(key);
    const entry = this.#entry(key, object);
    this.#byKey.set(key, entry);
    const index = this.#indexOf(key);
    this.#sorted.splice(index, previous ? 1 : 0, entry);
    this.#commit({
      revision: entry.revision,
      type: previous ? 'MODIFIED' : 'ADDED',
      entry,
      ...(previous && { previous }),
    });
    return entry;
  }

  /** Removes the object; the entry returned is its last state at the revision of the deletion. */
  remove(key: string, last?: KubeObject): Entry | undefined {
    const previous = this.#byKey.get(key);
    if (!previous) return undefined;
    const entry = this.#entry(key, last ?? previous.object);
    this.#byKey.delete(key);
    this.#sorted.splice(this.#indexOf(key), 1);
    this.#commit({ revision: entry.revision, type: 'DELETED', entry, previous });
    return entry;
  }

  subscribe(listener: (change: Change) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #entry(key: string, object: KubeObject): Entry {
    const revision = this.#nextRevision();
    const metadata = { ...object.metadata, resourceVersion: String(revision) };
    return new Entry(key, deepFreeze({ ...object, metadata }), revision);
  }

  #commit(change: Change): void {
    this.log.append(change);
    for (const listener of this.#listeners) listener(change);
  }

  #indexOf(key: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle]!.key < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
