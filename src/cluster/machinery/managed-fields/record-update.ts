import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.js';

import { apiVersionOf, type GroupVersionKind } from '../group-version-kind.ts';
import { isObject } from '../json-value.ts';
import { type Type, typeOf } from '../schema/types.ts';
import { compare } from './compare.ts';
import { isEmptySet, sortedSet, union } from './field-set.ts';
import {
  capUpdaters,
  type Manager,
  managerId,
  type Managers,
  readManagers,
  takeAway,
  writeManagers,
} from './managers.ts';
import { blank, managedFieldsOf, resetFields, trackedPart } from './tracked.ts';

export type { ManagedFieldsEntry };

export interface RecordUpdateOptions {
  readonly gvk: GroupVersionKind;
  /** The stored object, `undefined` on create. */
  readonly live: unknown;
  /** As decoded and defaulted, before admission and allocation: what those add has no manager. */
  readonly next: unknown;
  readonly manager: string;
  readonly subresource?: string | undefined;
  /** The version that the manager wrote in; the kind's own when absent. */
  readonly writtenAs?: string | undefined;
  /** RFC 3339, whole seconds, as creationTimestamp. */
  readonly time: string;
}

/**
 * `metadata.managedFields` after `manager` replaced `live` by `next`: it owns what it changed, what
 * it removed has no owner. The same array when nothing changed.
 */
export function recordUpdate(options: RecordUpdateOptions): ManagedFieldsEntry[] {
  const { gvk, live, next, manager, subresource = '', time } = options;
  const entries = claimedEntries(live, next, subresource);
  if (live === next) return entries;
  // An object whose history is unknown stays untracked until somebody applies to it.
  if (live !== undefined && entries.length === 0) return entries;
  const version = apiVersionOf(gvk);
  const { writtenAs = version } = options;
  const managers = readManagers(entries, version);
  const updated = updateManagers(managers, {
    type: typeOf(gvk),
    before: live === undefined ? undefined : trackedPart(live),
    after: trackedPart(next),
    author: {
      name: manager === '' ? 'unknown' : manager,
      operation: 'Update',
      apiVersion: writtenAs,
      subresource,
      time,
    },
  });
  if (updated === managers) return entries;
  const written = writeManagers(capUpdaters(updated), version);
  return isUnchanged(written, entries) ? entries : written;
}

export interface ManagedUpdate {
  readonly type: Type;
  /** `undefined` = nothing was there before. */
  readonly before: unknown;
  readonly after: unknown;
  readonly author: Omit<Manager, 'set'>;
}

/** The managers after an update; the same map when the two objects do not differ. */
export function updateManagers(managers: Managers, update: ManagedUpdate): Managers {
  const { type, before, after, author } = update;
  const { added, modified, removed } = compare(type, {
    before: before ?? blank(type),
    after,
    ignored: resetFields(type, author.subresource),
  });
  const changed = union(added, modified);
  if (isEmptySet(changed) && isEmptySet(removed)) return managers;
  const rest = takeAway(takeAway(managers, changed), removed);
  if (isEmptySet(changed)) return rest;
  const id = managerId(author);
  const set = union(sortedSet(changed), rest.get(id)?.set ?? {});
  return new Map(rest).set(id, { ...author, set });
}

// A client may edit managedFields itself (kubectl's move from client-side to server-side apply does);
// one empty entry clears them; through a subresource it may not, and one that sends none means no harm.
function claimedEntries(live: unknown, next: unknown, subresource: string): ManagedFieldsEntry[] {
  const ours = managedFieldsOf(live);
  const theirs = managedFieldsOf(next);
  if (subresource !== '' || !Array.isArray(theirs) || theirs.length === 0) {
    return (ours ?? []) as ManagedFieldsEntry[];
  }
  const [first] = theirs as readonly ManagedFieldsEntry[];
  const isReset = theirs.length === 1 && isObject(first) && Object.keys(first).length === 0;
  return isReset ? [] : (theirs as ManagedFieldsEntry[]);
}

function isUnchanged(
  written: readonly ManagedFieldsEntry[],
  entries: readonly ManagedFieldsEntry[],
): boolean {
  return (
    written.length === entries.length && written.every((entry, index) => entry === entries[index])
  );
}
