import type { Entry } from './entry.ts';

const MAX_SNAPSHOTS = 32;

interface Snapshot {
  readonly revision: number;
  readonly namespace: string | undefined;
  readonly entries: readonly Entry[];
  readonly at: number;
}

/**
 * States that the pages of chunked lists are read from. Upstream a continue token is good until the
 * next compaction, five minutes, however much is written meanwhile; our history is bounded by size
 * as well, so the state itself is kept. It costs a pointer an object, and the objects replaced since.
 */
export class Snapshots {
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  /** Oldest first. */
  #kept: Snapshot[] = [];
  #forgotten = -1;

  constructor(maxAgeMs: number, now: () => number) {
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  /** The newest revision whose time is up: compaction takes it even if nothing has changed since. */
  get forgotten(): number {
    this.#dropOld();
    return this.#forgotten;
  }

  get(revision: number, namespace: string | undefined): readonly Entry[] | undefined {
    this.#dropOld();
    return this.#find(revision, namespace)?.entries;
  }

  keep(revision: number, namespace: string | undefined, entries: readonly Entry[]): void {
    this.#dropOld();
    if (this.#find(revision, namespace)) return;
    this.#kept.push({ revision, namespace, entries, at: this.#now() });
    if (this.#kept.length > MAX_SNAPSHOTS) this.#kept.shift();
  }

  clear(): void {
    this.#kept = [];
  }

  #find(revision: number, namespace: string | undefined): Snapshot | undefined {
    return this.#kept.find((kept) => kept.revision === revision && kept.namespace === namespace);
  }

  #dropOld(): void {
    const oldest = this.#now() - this.#maxAgeMs;
    while (this.#kept[0] && this.#kept[0].at < oldest) {
      this.#forgotten = Math.max(this.#forgotten, this.#kept[0].revision);
      this.#kept.shift();
    }
  }
}
