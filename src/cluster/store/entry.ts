import type { KubeObject } from '../api.ts';

/** One revision of one object: frozen, with its JSON made at most once and shared by every reader. */
export class Entry<T extends KubeObject = KubeObject> {
  readonly key: string;
  readonly object: T;
  readonly revision: number;
  #json: Buffer | undefined;

  constructor(key: string, object: T, revision: number) {
    this.key = key;
    this.object = object;
    this.revision = revision;
  }

  /** UTF-8 JSON of the object as a single GET answers it. */
  get json(): Buffer {
    this.#json ??= Buffer.from(JSON.stringify(this.object));
    return this.#json;
  }
}

/** `ns/name`, or `name` for cluster-scoped kinds: sorts as etcd's keys do. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** Freezes a JSON value to its leaves; parts frozen before (shared with an older revision) are not walked again. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const key in value) {
    // As many objects as the rest together, and read by nobody but the code that replaces it whole.
    if (key !== 'managedFields') deepFreeze(value[key]);
  }
  return Object.freeze(value);
}
