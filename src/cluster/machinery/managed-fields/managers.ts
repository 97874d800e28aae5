import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.js';

import { difference, type FieldSet, isEmptySet, sortedSet, union } from './field-set.ts';
import { inVersion } from './versions.ts';

/** Who set fields how: one entry of `metadata.managedFields`, its set apart. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly set: FieldSet;
  /** The entry this was read from, and its set; written back as it is when nothing changed. */
  readonly entry?: ManagedFieldsEntry;
  readonly read?: FieldSet;
}

/** Managers by identity; an applier is the same whatever version it applies. */
export type Managers = ReadonlyMap<string, Manager>;

export function managerId(manager: Omit<Manager, 'set' | 'time'>): string {
  const version = manager.operation === 'Apply' ? '' : manager.apiVersion;
  return [manager.name, manager.operation, version, manager.subresource].join('\n');
}

/** All sets in the names of one version of the kind, whatever version each was written in. */
export function readManagers(
  entries: readonly ManagedFieldsEntry[] | undefined,
  version: string,
): Managers {
  const managers = new Map<string, Manager>();
  for (const entry of entries ?? []) {
    const { apiVersion = '' } = entry;
    const set = inVersion((entry.fieldsV1 ?? {}) as FieldSet, apiVersion, version);
    const manager: Manager = {
      name: entry.manager ?? '',
      operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
      apiVersion,
      subresource: entry.subresource ?? '',
      time: entry.time,
      set,
      entry,
      read: set,
    };
    managers.set(managerId(manager), manager);
  }
  return managers;
}

/** The entries in upstream's order: appliers, then updaters, each by time and name; empty sets left out. */
export function writeManagers(managers: Managers, version: string): ManagedFieldsEntry[] {
  return [...managers.values()]
    .filter(({ set }) => !isEmptySet(set))
    .sort(
      (a, b) =>
        order(a.operation, b.operation) ||
        order(a.time ?? '', b.time ?? '') ||
        order(a.name, b.name) ||
        order(a.apiVersion, b.apiVersion) ||
        order(a.subresource, b.subresource),
    )
    .map((manager) => toEntry(manager, version));
}

function toEntry(manager: Manager, version: string): ManagedFieldsEntry {
  const { entry, read, set, time } = manager;
  if (entry && read === set && entry.time === time) return entry;
  const own = inVersion(set, version, manager.apiVersion);
  return {
    manager: manager.name,
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: own === set ? set : sortedSet(own),
    ...(manager.subresource !== '' && { subresource: manager.subresource }),
  };
}

/** The managers, but for one, without the fields in `set`. */
export function takeAway(managers: Managers, set: FieldSet, except?: string): Managers {
  if (isEmptySet(set)) return managers;
  const result = new Map<string, Manager>();
  for (const [id, manager] of managers) {
    result.set(id, id === except ? manager : { ...manager, set: difference(manager.set, set) });
  }
  return result;
}

const maxUpdaters = 10;

/** Upstream keeps ten updaters; the oldest beyond that share one entry, `ancient-changes`. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers]
    .filter(([, { operation, set }]) => operation === 'Update' && !isEmptySet(set))
    .sort(([, a], [, b]) => order(a.time ?? '', b.time ?? '') || order(a.name, b.name));
  if (updaters.length <= maxUpdaters) return managers;
  const result = new Map(managers);
  let count = updaters.length;
  for (const [id, manager] of updaters) {
    if (count <= maxUpdaters) break;
    if (manager.name === ancient) continue;
    const bucket: Manager = {
      name: ancient,
      operation: 'Update',
      apiVersion: manager.apiVersion,
      subresource: '',
      time: manager.time,
      set: manager.set,
    };
    const bucketId = managerId(bucket);
    const known = result.get(bucketId);
    result.delete(id);
    if (known) count -= 1;
    result.set(bucketId, known ? { ...bucket, set: union(known.set, manager.set) } : bucket);
  }
  return result;
}

const ancient = 'ancient-changes';

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
