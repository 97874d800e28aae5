import type { OwnerReference } from 'kubernetes-types/meta/v1.js';
import type { DeleteOptions, KubeObject } from '../../api.ts';
import { isNotFound } from '../api-errors.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import type { Change } from '../informer.ts';
import { isBeingDeleted, metaOf } from '../object-meta.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { COLLECTED_KINDS, type ServedKind } from '../served-kinds.ts';
import {
  FOREGROUND,
  hasFinalizer,
  isOrphaning,
  isWaitingForDependents,
  type Item,
  ORPHAN,
  OwnershipGraph,
  ownersOf,
} from './graph.ts';

/** Deletes what has lost its owners, in the background or before them, or lets it go. */
export function garbageCollector({ api, informers }: ControllerContext): Controller {
  const graph = new OwnershipGraph(COLLECTED_KINDS);

  return {
    name: 'garbage-collector',
    watch(queue) {
      for (const kind of COLLECTED_KINDS) {
        informers.of(kind.resource).onChange((change) => {
          for (const uid of note(kind, change)) queue.add(uid);
        });
      }
    },
    reconcile(uid) {
      const item = graph.get(uid);
      if (!item) return;
      if (isOrphaning(item.object)) orphanDependents(item);
      else if (isWaitingForDependents(item.object)) awaitDependents(item);
      else if (!isBeingDeleted(item.object)) collect(item);
    },
  };

  /** Keeps the graph; returns the uids of the objects that have to be looked at now. */
  function note(kind: ServedKind, { type, object, previous }: Change<KubeObject>): string[] {
    const uid = uidOf(object);
    const owners = [...ownersOf(object), ...(previous ? ownersOf(previous) : [])];
    if (type === 'DELETED') {
      graph.remove(object);
      return [...graph.dependentsOf(uid).map((item) => uidOf(item.object)), ...waiting(owners)];
    }
    graph.put({ kind, object });
    const isLeaving = isOrphaning(object) || isWaitingForDependents(object);
    const hasLostOwner = ownersOf(object).some(
      (owner) => graph.resolve(owner, object) === 'absent',
    );
    return [
      ...(isLeaving || hasLostOwner ? [uid] : []),
      ...(isLeaving ? graph.dependentsOf(uid).map((item) => uidOf(item.object)) : []),
      // A reference taken away, or no longer blocking, may be what the owner has been waiting for.
      ...waiting(owners),
    ];
  }

  function waiting(owners: readonly OwnerReference[]): string[] {
    return owners
      .map(({ uid }) => uid)
      .filter((uid) => isWaitingForDependents(graph.get(uid)?.object ?? {}));
  }

  /** The heart of it: with an owner left it stays; without one it goes, as its owners went. */
  function collect(item: Item): void {
    const { object } = item;
    const owners = ownersOf(object).map((reference) => ({
      reference,
      owner: graph.resolve(reference, object),
    }));
    if (owners.length === 0) return;
    const gone = owners.filter(({ owner }) => owner === 'absent');
    const leaving = owners.filter(
      ({ owner }) => typeof owner === 'object' && isWaitingForDependents(owner.object),
    );
    if (gone.length + leaving.length < owners.length) {
      dropOwners(
        item,
        [...gone, ...leaving].map(({ reference }) => reference.uid),
      );
    } else if (leaving.length > 0 && graph.dependentsOf(uidOf(object)).length > 0) {
      unblockCircle(item);
      remove(item, 'Foreground');
    } else {
      remove(item, policyOf(object));
    }
  }

  /** Owners that wait for each other would wait for ever. */
  function unblockCircle(item: Item): void {
    const isCircular = graph
      .dependentsOf(uidOf(item.object))
      .some(({ object }) => isWaitingForDependents(object));
    if (!isCircular) return;
    patchOwners(
      item,
      ownersOf(item.object).map((owner) => ({ ...owner, blockOwnerDeletion: false })),
    );
  }

  /** Foreground deletion: over as soon as no dependent blocks it. */
  function awaitDependents(item: Item): void {
    const uid = uidOf(item.object);
    const isBlocked = graph
      .dependentsOf(uid)
      .some(({ object }) =>
        ownersOf(object).some((owner) => owner.uid === uid && owner.blockOwnerDeletion),
      );
    if (!isBlocked) dropFinalizer(item, FOREGROUND);
  }

  function orphanDependents(item: Item): void {
    const uid = uidOf(item.object);
    for (const dependent of graph.dependentsOf(uid)) dropOwners(dependent, [uid]);
    dropFinalizer(item, ORPHAN);
  }

  function dropOwners(item: Item, uids: readonly string[]): void {
    if (uids.length === 0) return;
    patchOwners(
      item,
      ownersOf(item.object).filter(({ uid }) => !uids.includes(uid)),
    );
  }

  function patchOwners(item: Item, ownerReferences: readonly OwnerReference[]): void {
    patch(item, { ownerReferences });
  }

  function dropFinalizer(item: Item, finalizer: string): void {
    const { finalizers = [] } = metaOf(item.object);
    patch(item, { finalizers: finalizers.filter((held) => held !== finalizer) });
  }

  /** The lists are replaced whole, hence the precondition that nobody else changed the object. */
  function patch({ kind, object }: Item, metadata: object): void {
    const { namespace, name, uid, resourceVersion } = metaOf(object);
    ignoreGone(() =>
      api.patch(
        kind.resource,
        { namespace, name },
        { metadata: { uid, resourceVersion, ...metadata } },
        { type: 'merge', fieldManager: FIELD_MANAGER },
      ),
    );
  }

  function remove({ kind, object }: Item, propagationPolicy: Policy): void {
    const { namespace, name, uid } = metaOf(object);
    ignoreGone(() =>
      api.delete(kind.resource, { namespace, name }, { propagationPolicy, preconditions: { uid } }),
    );
  }
}

type Policy = NonNullable<DeleteOptions['propagationPolicy']>;

/** What the object asks for by the finalizers it carries already. */
function policyOf(object: KubeObject): Policy {
  if (hasFinalizer(object, ORPHAN)) return 'Orphan';
  return hasFinalizer(object, FOREGROUND) ? 'Foreground' : 'Background';
}

function uidOf(object: KubeObject): string {
  return metaOf(object).uid;
}

function ignoreGone(write: () => unknown): void {
  try {
    write();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
