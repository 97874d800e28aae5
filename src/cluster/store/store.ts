import { Collection } from './collection.ts';
import type { WatchLogLimits } from './watch-log.ts';

/** As upstream: the watch cache keeps thousands of changes, etcd is compacted every 5 minutes. */
const DEFAULT_LIMITS: WatchLogLimits = { maxChanges: 10_000, maxAgeMs: 5 * 60_000 };

/** Everything the cluster knows, in memory, with one writer and one revision counter over all kinds. */
export class Store {
  readonly #collections = new Map<string, Collection>();
  readonly #limits: WatchLogLimits;
  readonly #now: () => number;
  #revision = 0;

  constructor(
    options: { readonly limits?: Partial<WatchLogLimits>; readonly now?: () => number } = {},
  ) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#now = options.now ?? Date.now;
  }

  /** The revision of the newest commit; 0 when nothing was stored yet. */
  get revision(): number {
    return this.#revision;
  }

  collection(resource: string): Collection {
    let collection = this.#collections.get(resource);
    if (!collection) {
      collection = new Collection({
        limits: this.#limits,
        now: this.#now,
        nextRevision: () => ++this.#revision,
      });
      this.#collections.set(resource, collection);
    }
    return collection;
  }

  /** Forgets all history up to now: older watches and continue tokens get 410 Expired. */
  compact(): void {
    for (const collection of this.#collections.values()) collection.log.compact(this.#revision);
  }
}
