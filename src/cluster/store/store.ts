import type { KubeObject } from '../api.ts';
import { Collection } from './collection.ts';
import { FieldSets } from './field-sets.ts';
import { Serializer } from './serializer.ts';
import type { Change, WatchLogLimits } from './watch-log.ts';

/**
 * As upstream: the watch cache keeps thousands of changes, etcd is compacted every 5 minutes. Those
 * two alone let a busy minute of large objects take more memory than everything else in the process:
 * 10,000 changes of Pods are 100 MB and more. Sixteen megabytes a kind are some thousand changes, and
 * a watch that was away for longer lists again, as upstream after its cache has moved on.
 */
const DEFAULT_LIMITS: WatchLogLimits = {
  maxChanges: 10_000,
  maxAgeMs: 5 * 60_000,
  maxBytes: 16 * 1024 * 1024,
};

/** Where commits are written down, when they are. */
export interface Persistence {
  /** Everything up to here survives a crash. */
  readonly durableRevision: number;
  /** Notes a commit; it is written with the next batch. */
  record(resource: string, change: Change): void;
  /** Resolves when `revision` is durable; undefined when it is already. Rejects when it never will be. */
  whenDurable(revision: number): Promise<void> | undefined;
  /** Calls the listener whenever `durableRevision` has grown. */
  onDurable(listener: () => void): void;
}

/** Everything the cluster knows, in memory, with one writer and one revision counter over all kinds. */
export class Store {
  readonly #collections = new Map<string, Collection>();
  readonly #limits: WatchLogLimits;
  readonly #now: () => number;
  readonly #serializer = new Serializer();
  readonly #fieldSets = new FieldSets();
  readonly #persistence: Persistence | undefined;
  #revision = 0;
  /** Of this life of the cluster: what an earlier one saw between is not known. */
  #firstRevision = 0;

  constructor(
    options: {
      readonly limits?: Partial<WatchLogLimits>;
      readonly now?: () => number;
      readonly persistence?: Persistence | undefined;
    } = {},
  ) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#now = options.now ?? Date.now;
    this.#persistence = options.persistence;
  }

  /** The revision of the newest commit; 0 when nothing was stored yet. */
  get revision(): number {
    return this.#revision;
  }

  /** What nobody outside may see beyond: with a journal, the newest revision that is on disk. */
  get visibleRevision(): number {
    return this.#persistence?.durableRevision ?? Number.POSITIVE_INFINITY;
  }

  /** Resolves when all that is stored now may be seen outside; undefined when it may at once. */
  whenVisible(): Promise<void> | undefined {
    return this.#persistence?.whenDurable(this.#revision);
  }

  onVisible(listener: () => void): void {
    this.#persistence?.onDurable(listener);
  }

  collection(resource: string): Collection {
    let collection = this.#collections.get(resource);
    if (!collection) {
      collection = new Collection({
        limits: this.#limits,
        now: this.#now,
        fieldSets: this.#fieldSets,
        nextRevision: () => ++this.#revision,
        committed: (change) => {
          this.#persistence?.record(resource, change);
          this.#serializer.add(change.entry, change.previous);
        },
      });
      collection.compact(this.#firstRevision);
      this.#collections.set(resource, collection);
    }
    return collection;
  }

  /** All collections there are, by the name of their resource. */
  get collections(): ReadonlyMap<string, Collection> {
    return this.#collections;
  }

  /**
   * Takes in what an earlier life of the cluster has left, and goes on from `revision`, which is not
   * below any that was ever told. Nothing before it can be watched or listed.
   */
  restore(
    objects: Iterable<{ readonly resource: string; readonly object: KubeObject }>,
    revision: number,
  ): void {
    for (const { resource, object } of objects) {
      this.#serializer.add(this.collection(resource).restore(object));
    }
    this.#revision = revision;
    this.#firstRevision = revision;
    this.compact();
  }

  /** Forgets all history up to now: older watches and continue tokens get 410 Expired. */
  compact(): void {
    for (const collection of this.#collections.values()) collection.compact(this.#revision);
  }
}
