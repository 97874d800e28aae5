import type { Type } from '../schema/types.ts';
import { difference, type FieldSet, intersection, isEmptySet, union } from './field-set.ts';
import { removeFields } from './merge.ts';
import { toFieldSet, withNamedFields } from './to-field-set.ts';

/**
 * The merged object without what its applier applied last time, does not apply now, and nobody
 * else owns. `owned` is the union of all managers' sets, the applier's new one included.
 */
export function prune(
  type: Type,
  merged: unknown,
  { lastApplied, owned }: { lastApplied: FieldSet; owned: FieldSet },
): unknown {
  if (isEmptySet(lastApplied)) return merged;
  const last = withNamedFields(lastApplied, type);
  const mergedFields = withNamedFields(toFieldSet(type, merged), type);

  const bare = removeFields(type, merged, last);
  const kept = union(fieldsOf(type, bare), withNamedFields(owned, type));
  const withOwned = removeFields(type, merged, difference(mergedFields, kept));

  // What disappeared though the applier never had it (an unowned default in a removed struct) comes back.
  const gone = difference(mergedFields, fieldsOf(type, withOwned));
  return removeFields(type, merged, intersection(gone, last));
}

function fieldsOf(type: Type, value: unknown): FieldSet {
  return withNamedFields(toFieldSet(type, value), type);
}
