import type { ObjectMeta, OwnerReference } from 'kubernetes-types/meta/v1.js';
import type { KubeObject, ObjectKey } from '../api.ts';
import { keyOf } from '../store/index.ts';

/** An object that has been stored: the API server gave it a name and a uid. */
export type StoredMeta = ObjectMeta & { readonly name: string; readonly uid: string };

/** The metadata of an object that came from the Api. */
export function metaOf({ metadata }: KubeObject): StoredMeta {
  return metadata as StoredMeta;
}

/** `ns/name`, the key under which work on the object is queued. */
export function queueKey({ metadata }: KubeObject): string {
  return keyOf(metadata?.namespace, metadata?.name ?? '');
}

export function parseQueueKey(key: string): ObjectKey {
  const slash = key.indexOf('/');
  if (slash < 0) return { name: key };
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The one owner that manages the object. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata?.ownerReferences?.find(({ controller }) => controller);
}

/** The reference that a controller puts on what it makes. */
export function controllerReference(owner: KubeObject): OwnerReference {
  const { name, uid } = metaOf(owner);
  return {
    apiVersion: owner.apiVersion ?? '',
    kind: owner.kind ?? '',
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

export function isBeingDeleted({ metadata }: KubeObject): boolean {
  return metadata?.deletionTimestamp !== undefined;
}
