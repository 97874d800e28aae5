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
  /** Of the heap that the changes hold beyond the objects as they are now. */
  readonly maxBytes: number;
}

/**
 * What happened to one collection, newest last, bounded by count, age and size. Everything after
 * `compactedRevision` can be replayed or undone; before it the client gets 410.
 */
export class WatchLog {
  readonly #limits: WatchLogLimits;
  readonly #now: () => number;
  #changes: { readonly change: Change; readonly at: number; readonly bytes: number }[] = [];
  /** Changes before this index are dropped; the array is cut when half of it is. */
  #start = 0;
  #bytes = 0;
  #compactedRevision = 0;

  constructor(limits: WatchLogLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  get compactedRevision(): number {
    this.#dropOld();
    return this.#compactedRevision;
  }

  /** `bytes` is what the change's new revision takes of the heap. */
  append(change: Change, bytes: number): void {
    this.#changes.push({ change, at: this.#now(), bytes });
    this.#bytes += bytes;
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
      this.#bytes -= this.#changes[this.#start]!.bytes;
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
        this.#bytes > this.#limits.maxBytes ||
        this.#changes[this.#start]!.at < oldest)
    ) {
      const { change, bytes } = this.#changes[this.#start]!;
      this.#compactedRevision = change.revision;
      this.#bytes -= bytes;
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
