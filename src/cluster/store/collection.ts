import type { KubeObject } from '../api.ts';
import { Entry, keyOf } from './entry.ts';
import type { FieldSets } from './field-sets.ts';
import { deepFreeze, shareUnchanged } from './share.ts';
import { Snapshots } from './snapshots.ts';
import { type Change, WatchLog, type WatchLogLimits } from './watch-log.ts';

export interface CollectionOptions {
  readonly limits: WatchLogLimits;
  readonly now: () => number;
  readonly nextRevision: () => number;
  readonly fieldSets: FieldSets;
  /** Called with every change before anybody else hears of it. */
  readonly committed: (change: Change) => void;
}

/** The objects of one kind, their history, and who wants to hear of changes. */
export class Collection {
  readonly log: WatchLog;
  readonly #options: CollectionOptions;
  readonly #snapshots: Snapshots;
  readonly #byKey = new Map<string, Entry>();
  /** The same entries in key order: lists and continue tokens walk it. */
  readonly #sorted: Entry[] = [];
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(options: CollectionOptions) {
    this.#options = options;
    this.log = new WatchLog(options.limits, options.now);
    this.#snapshots = new Snapshots(options.limits.maxAgeMs, options.now);
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

  /** The entries as they were at `revision`: kept, or the present with the log undone. `undefined` when compacted. */
  entriesAt(revision: number, namespace?: string): readonly Entry[] | undefined {
    const kept = this.#snapshots.get(revision, namespace);
    if (kept) return kept;
    if (revision <= this.#snapshots.forgotten) return undefined;
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

  /** Holds a state for the pages of a list that is read in chunks, however much is written meanwhile. */
  keep(revision: number, namespace: string | undefined, entries: readonly Entry[]): void {
    this.#snapshots.keep(revision, namespace, entries);
  }

  /** Forgets all history up to `revision`. */
  compact(revision: number): void {
    this.log.compact(revision);
    this.#snapshots.clear();
  }

  /** Takes in an object of an earlier life of the cluster, with the revision it had. */
  restore(object: KubeObject): Entry {
    const key = keyOf(object.metadata?.namespace, object.metadata?.name ?? '');
    this.#options.fieldSets.share(object);
    deepFreeze(object);
    const entry = new Entry(key, object, Number(object.metadata?.resourceVersion));
    const isNew = !this.#byKey.has(key);
    this.#byKey.set(key, entry);
    this.#sorted.splice(this.#indexOf(key), isNew ? 0 : 1, entry);
    return entry;
  }

  /** Stores the object under a new revision, which becomes its resourceVersion; the caller gives the draft away. */
  put(object: KubeObject): Entry {
    const key = keyOf(object.metadata?.namespace, object.metadata?.name ?? '');
    const previous = this.#byKey.get(key);
    const { entry, bytes } = this.#entry(key, object, previous);
    this.#byKey.set(key, entry);
    const index = this.#indexOf(key);
    if (previous) this.#sorted[index] = entry;
    else this.#sorted.splice(index, 0, entry);
    this.#commit(
      {
        revision: entry.revision,
        type: previous ? 'MODIFIED' : 'ADDED',
        entry,
        ...(previous && { previous }),
      },
      bytes,
    );
    return entry;
  }

  /** Removes the object; the entry returned is its last state at the revision of the deletion. */
  remove(key: string, last?: KubeObject): Entry | undefined {
    const previous = this.#byKey.get(key);
    if (!previous) return undefined;
    const { entry, bytes } = this.#entry(key, last ?? previous.object, previous);
    this.#byKey.delete(key);
    this.#sorted.splice(this.#indexOf(key), 1);
    // Read once, by those who watch now.
    entry.retire();
    this.#commit({ revision: entry.revision, type: 'DELETED', entry, previous }, bytes);
    return entry;
  }

  subscribe(listener: (change: Change) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #entry(key: string, object: KubeObject, previous?: Entry): { entry: Entry; bytes: number } {
    const revision = this.#options.nextRevision();
    const next = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(revision) },
    };
    if (previous) shareUnchanged(previous.object, next);
    this.#options.fieldSets.share(next);
    const bytes = deepFreeze(next);
    return { entry: new Entry(key, next, revision), bytes };
  }

  #commit(change: Change, bytes: number): void {
    change.previous?.retire();
    this.log.append(change, bytes);
    this.#options.committed(change);
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
