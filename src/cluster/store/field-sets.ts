import type { KubeObject } from '../api.ts';

/** More than a busy cluster has kinds of writers; the oldest unused goes first. */
const MAX_KNOWN = 1000;

/**
 * The sets of managed fields, each once: they are a third of a Pod's heap, and those of all replicas
 * of a workload are equal.
 */
export class FieldSets {
  readonly #known = new Map<string, object>();

  /** Puts the known sets in place of equal new ones. */
  share({ metadata }: KubeObject): void {
    for (const managed of metadata?.managedFields ?? []) {
      const { fieldsV1 } = managed;
      if (fieldsV1 && !Object.isFrozen(fieldsV1) && !Object.isFrozen(managed)) {
        managed.fieldsV1 = this.#one(fieldsV1);
      }
    }
  }

  #one(fields: object): object {
    const text = JSON.stringify(fields);
    const known = this.#known.get(text) ?? Object.freeze(fields);
    this.#known.delete(text);
    this.#known.set(text, known);
    if (this.#known.size > MAX_KNOWN) {
      const [oldest = ''] = this.#known.keys();
      this.#known.delete(oldest);
    }
    return known;
  }
}
