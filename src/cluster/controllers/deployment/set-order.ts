import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import { metaOf } from '../object-meta.ts';
import { revisionOf } from './annotations.ts';
import { replicasOf } from './fenceposts.ts';

/** Oldest first; within a second, by name. */
export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  return (
    compare(metaOf(a).creationTimestamp, metaOf(b).creationTimestamp) ||
    compare(metaOf(a).name, metaOf(b).name)
  );
}

export function byRevision(a: ReplicaSet, b: ReplicaSet): number {
  return Number(revisionOf(a) - revisionOf(b)) || byCreation(a, b);
}

/** Largest first; of equals the newer one. */
export function bySizeThenNewer(a: ReplicaSet, b: ReplicaSet): number {
  return replicasOf(b) - replicasOf(a) || byCreation(b, a);
}

export function bySizeThenOlder(a: ReplicaSet, b: ReplicaSet): number {
  return replicasOf(b) - replicasOf(a) || byCreation(a, b);
}

function compare(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  return (a ?? '') < (b ?? '') ? -1 : 1;
}
