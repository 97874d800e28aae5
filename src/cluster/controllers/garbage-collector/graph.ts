import type { OwnerReference } from 'kubernetes-types/meta/v1.js';
import type { KubeObject } from '../../api.ts';
import { isBeingDeleted, metaOf } from '../object-meta.ts';
import type { ServedKind } from '../served-kinds.ts';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** An object and the kind it is of. */
export interface Item {
  readonly kind: ServedKind;
  readonly object: KubeObject;
}

/** Who owns whom, by uid. */
export class OwnershipGraph {
  readonly #items = new Map<string, Item>();
  readonly #dependents = new Map<string, Set<string>>();
  readonly #kinds: ReadonlyMap<string, ServedKind>;

  constructor(kinds: readonly ServedKind[]) {
    this.#kinds = new Map(kinds.map((kind) => [`${kind.group}/${kind.kind}`, kind]));
  }

  get(uid: string): Item | undefined {
    return this.#items.get(uid);
  }

  dependentsOf(uid: string): Item[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.get(dependent) ?? []);
  }

  put(item: Item): void {
    const { uid } = metaOf(item.object);
    const before = this.#items.get(uid);
    if (before) this.#unlink(before.object);
    this.#items.set(uid, item);
    for (const owner of ownersOf(item.object)) {
      const dependents = this.#dependents.get(owner.uid) ?? new Set();
      this.#dependents.set(owner.uid, dependents.add(uid));
    }
  }

  remove(object: KubeObject): void {
    const { uid } = metaOf(object);
    this.#unlink(this.#items.get(uid)?.object ?? object);
    this.#items.delete(uid);
  }

  /**
   * The owner meant by a reference: `absent` when it is not there, or is another object by now, or
   * lives in another namespace; `unknown` when its kind is not served, hence cannot be looked for.
   */
  resolve(reference: OwnerReference, dependent: KubeObject): Item | 'absent' | 'unknown' {
    const [group = ''] = reference.apiVersion.includes('/') ? reference.apiVersion.split('/') : [];
    const kind = this.#kinds.get(`${group}/${reference.kind}`);
    if (!kind) return 'unknown';
    const owner = this.#items.get(reference.uid);
    if (owner?.kind !== kind || owner.object.metadata?.name !== reference.name) return 'absent';
    const isNear =
      !kind.isNamespaced || owner.object.metadata.namespace === dependent.metadata?.namespace;
    return isNear ? owner : 'absent';
  }

  #unlink(object: KubeObject): void {
    const { uid } = metaOf(object);
    for (const owner of ownersOf(object)) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}

export function ownersOf({ metadata }: KubeObject): readonly OwnerReference[] {
  return metadata?.ownerReferences ?? [];
}

export function hasFinalizer({ metadata }: KubeObject, finalizer: string): boolean {
  return metadata?.finalizers?.includes(finalizer) ?? false;
}

/** Foreground deletion under way: it waits for the dependents that block it. */
export function isWaitingForDependents(object: KubeObject): boolean {
  return isBeingDeleted(object) && hasFinalizer(object, FOREGROUND);
}

/** Deletion that has yet to let go of its dependents. */
export function isOrphaning(object: KubeObject): boolean {
  return isBeingDeleted(object) && hasFinalizer(object, ORPHAN);
}
