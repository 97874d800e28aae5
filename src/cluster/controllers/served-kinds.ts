import { RESOURCES } from '../apiserver/resources/table.ts';

/** A kind whose objects can be watched and deleted: what garbage and namespaces consist of. */
export interface ServedKind {
  readonly resource: string;
  readonly group: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
}

export const SERVED_KINDS: readonly ServedKind[] = RESOURCES.filter(
  // A kind that another one stores is the same objects once more.
  ({ verbs, storedAs }) => !storedAs && verbs.includes('watch') && verbs.includes('delete'),
).map(({ plural, group, kind, namespaced }) => ({
  resource: plural,
  group,
  kind,
  isNamespaced: namespaced,
}));

/** Events come by the thousand, own nothing and are owned by nobody. */
export const COLLECTED_KINDS: readonly ServedKind[] = SERVED_KINDS.filter(
  ({ resource }) => resource !== 'events',
);
