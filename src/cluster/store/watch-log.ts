import type { Entry } from './entry.ts';

/** One commit to a collection. `entry` of a DELETED carries the revision of the deletion. */
export interface Change {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly entry: Entry;
  /** The entry before a MODIFIED or DELETED. */
  readonly previous?: Entry;
}

export interface WatchLogLimits {
  readonly maxChanges: number;
  readonly maxAgeMs: number;
}

/**
 * What happened to one collection, newest last, bounded by count and age. Everything after
 * `compactedRevision` can be replayed or undone; before it the client gets 410.
 */
export class WatchLog {
  readonly #limits: WatchLogLimits;
  readonly #now: () => number;
  #changes: { readonly change: Change; readonly at: number }[] = [];
  /** Changes before this index are dropped; the array is cut when half of it is. */
  #start = 0;
  #compactedRevision = 0;

  constructor(limits: WatchLogLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  get compactedRevision(): number {
    this.#dropOld();
    return this.#compactedRevision;
  }

  append(change: Change): void {
    this.#changes.push({ change, at: this.#now() });
    this.#dropOld();
  }

  /** Changes with a revision above `revision`, oldest first; `undefined` when some of them are gone. */
  since(revision: number): Change[] | undefined {
    if (revision < this.compactedRevision) return undefined;
    let from = this.#changes.length;
    while (from > this.#start && this.#changes[from - 1]!.change.revision > revision) from--;
    return this.#changes.slice(from).map(({ change }) => change);
  }

  /** Forgets everything up to and including `revision`. */
  compact(revision: number): void {
    while (
      this.#start < this.#changes.length &&
      this.#changes[this.#start]!.change.revision <= revision
    ) {
      this.#start++;
    }
    this.#compactedRevision = Math.max(this.#compactedRevision, revision);
    this.#cut();
  }

  #dropOld(): void {
    const oldest = this.#now() - this.#limits.maxAgeMs;
    while (
      this.#start < this.#changes.length &&
      (this.#changes.length - this.#start > this.#limits.maxChanges ||
        this.#changes[this.#start]!.at < oldest)
    ) {
      this.#compactedRevision = this.#changes[this.#start]!.change.revision;
      this.#start++;
    }
    this.#cut();
  }

  #cut(): void {
    if (this.#start > 64 && this.#start * 2 > this.#changes.length) {
      this.#changes = this.#changes.slice(this.#start);
      this.#start = 0;
    }
  }
}
