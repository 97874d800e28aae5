import type { StorageClass } from 'kubernetes-types/storage/v1.js';
import type { Store } from '../../store/index.ts';
import type { Draft } from '../strategy/strategy.ts';

const PROTECTION: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

const IS_DEFAULT = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/** StorageObjectInUseProtection: what may be in use is not gone before somebody says that it is not. */
export function admitStorage(plural: string, { metadata }: Draft): void {
  const finalizer = PROTECTION[plural];
  if (finalizer === undefined) return;
  const { finalizers = [] } = metadata;
  if (!finalizers.includes(finalizer)) metadata.finalizers = [...finalizers, finalizer];
}

/** DefaultStorageClass: a claim that names no class is of the default one; `''` means none at all. */
export function admitClaim(store: Store, draft: Draft): void {
  if (draft.spec?.['storageClassName'] !== undefined) return;
  const classes = store
    .collection('storageclasses')
    .entries()
    .map(({ object }) => object as StorageClass)
    .filter(({ metadata }) => IS_DEFAULT.some((key) => metadata?.annotations?.[key] === 'true'));
  // The youngest of several, and of those the first by name.
  const [chosen] = [...classes].sort(
    (a, b) => compare(createdAt(b), createdAt(a)) || compare(nameOf(a), nameOf(b)),
  );
  if (chosen) draft.spec = { ...draft.spec, storageClassName: nameOf(chosen) };
}

function createdAt({ metadata }: StorageClass): string {
  return metadata?.creationTimestamp ?? '';
}

function nameOf({ metadata }: StorageClass): string {
  return metadata?.name ?? '';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
