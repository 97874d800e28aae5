import type { Api, KubeObject } from '../api.ts';
import { isInvalid, isNotFound } from './api-errors.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { controllerOf, controllerReference, isBeingDeleted, metaOf } from './object-meta.ts';

export interface ClaimOptions<T extends KubeObject> {
  readonly api: Api;
  readonly owner: KubeObject;
  /** The plural name of what is claimed: `pods`, `replicasets`. */
  readonly resource: string;
  readonly matches: (object: T) => boolean;
  /** Comes with the ownership and goes with it. */
  readonly finalizer?: string | undefined;
}

/**
 * Settles which of the objects belong to the owner: lets go of those its selector no longer selects,
 * adopts orphans that it does, and returns what is its own now.
 */
export function claim<T extends KubeObject>(
  objects: Iterable<T>,
  { api, owner, resource, matches, finalizer }: ClaimOptions<T>,
): T[] {
  const { uid } = metaOf(owner);
  const isOwnerLeaving = isBeingDeleted(owner);
  const claimed: T[] = [];
  for (const object of objects) {
    const controller = controllerOf(object);
    if (controller && controller.uid !== uid) continue;
    if (matches(object)) {
      if (controller) claimed.push(object);
      else if (!isOwnerLeaving && !isBeingDeleted(object)) {
        if (patchOwner(object, controllerReference(owner))) claimed.push(object);
      }
    } else if (controller && !isOwnerLeaving) {
      patchOwner(object, { $patch: 'delete', uid });
    }
  }
  return claimed;

  /** The uid in the patch is a precondition: a namesake born meanwhile is left alone. */
  function patchOwner(object: T, reference: object): boolean {
    const { namespace, name, uid } = metaOf(object);
    try {
      api.patch(
        resource,
        { namespace, name },
        { metadata: { ownerReferences: [reference], uid, ...finalizerPatch(reference) } },
        { type: 'strategic', fieldManager: FIELD_MANAGER },
      );
      return true;
    } catch (error) {
      // Gone, or already without this owner: either way there is nothing left to settle.
      if (isNotFound(error) || ('$patch' in reference && isInvalid(error))) return false;
      throw error;
    }
  }

  function finalizerPatch(reference: object): object {
    if (finalizer === undefined) return {};
    const isRelease = '$patch' in reference;
    return { [isRelease ? '$deleteFromPrimitiveList/finalizers' : 'finalizers']: [finalizer] };
  }
}
