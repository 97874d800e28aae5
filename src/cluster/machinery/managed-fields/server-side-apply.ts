import { ApiError } from '../../api-error.ts';
import { apiVersionOf, type GroupVersionKind } from '../group-version-kind.ts';
import { isObject, type JsonObject } from '../json-value.ts';
import { type Type, typeOf } from '../schema/types.ts';
import { objectionsToApplied } from './check-applied.ts';
import { compare, isSame } from './compare.ts';
import { applyConflict, type ManagerConflict } from './conflict.ts';
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  recursiveDifference,
  sortedSet,
  union,
} from './field-set.ts';
import { fieldsOfLastApplied, withLastApplied } from './last-applied.ts';
import {
  type Manager,
  managerId,
  type Managers,
  readManagers,
  takeAway,
  writeManagers,
} from './managers.ts';
import { merge } from './merge.ts';
import { prune } from './prune.ts';
import { updateManagers } from './record-update.ts';
import { toFieldSet } from './to-field-set.ts';
import { inVersion } from './versions.ts';
import { blank, managedFieldsOf, resetFields, trackedPart } from './tracked.ts';

export interface ServerSideApplyOptions {
  readonly gvk: GroupVersionKind;
  /** The stored object; `undefined` when the apply creates it. */
  readonly live: unknown;
  /** As parsed from the request, untyped: nothing defaulted or dropped. */
  readonly applied: unknown;
  readonly manager: string;
  readonly force: boolean;
  readonly subresource?: string | undefined;
  /** RFC 3339, whole seconds. */
  readonly time: string;
}

/**
 * The merged object, still to be defaulted, with its managedFields brought up to date. Throws
 * ApiError 409 (conflicts, one cause a field), 400 or 500 for an object that cannot be applied.
 */
export function serverSideApply(options: ServerSideApplyOptions): JsonObject {
  const { gvk, live, applied, manager, force, subresource = '', time } = options;
  const config = checkedConfig(gvk, applied);
  const type = typeOf(gvk);
  const before = live === undefined ? blank(type) : trackedPart(live);
  const apply: Apply = {
    type,
    before,
    config: trackedPart(config),
    managers: knownManagers(options, type, before),
    author: {
      name: manager,
      operation: 'Apply',
      apiVersion: apiVersionOf(gvk),
      subresource,
      time: undefined,
    },
  };
  const outcome = takeFields(apply, { force, mayTake: manager === 'kubectl' ? live : undefined });
  const base = (live ?? identityOf(config)) as JsonObject;
  const merged = outcome.object === undefined ? base : overlay(base, outcome.object);
  const id = managerId(apply.author);
  const managers = new Map(outcome.managers);
  const author = managers.get(id);
  if (author && outcome.object !== undefined) managers.set(id, { ...author, time });
  const result = withManagedFields(merged, managers, apply.author.apiVersion);
  return manager === 'kubectl' ? withLastApplied(result, config) : result;
}

interface Apply {
  readonly type: Type;
  readonly before: unknown;
  readonly config: unknown;
  readonly managers: Managers;
  readonly author: Omit<Manager, 'set'>;
}

// Applying an object with nothing but a name claims nothing.
const metadataItself: FieldSet = { 'f:metadata': {} };

interface Outcome {
  readonly managers: Managers;
  /** `undefined` when the object stays as it is. */
  readonly object: unknown;
}

function takeFields(
  apply: Apply,
  { force, mayTake }: { force: boolean; mayTake: unknown },
): Outcome {
  const { type, before, config, author } = apply;
  const id = managerId(author);
  const ignored = resetFields(type, author.subresource);
  const previous = apply.managers.get(id);
  const claimed = sortedSet(
    recursiveDifference(difference(toFieldSet(type, config), metadataItself), ignored),
  );
  const claims = new Map(apply.managers).set(id, {
    ...author,
    time: previous?.time,
    set: claimed,
  });

  const owned = [...claims.values()].reduce<FieldSet>((all, { set }) => union(all, set), emptySet);
  const lastApplied = previous?.set ?? emptySet;
  const object = prune(type, merge(type, before, config), { lastApplied, owned });

  const comparison = compare(type, { before, after: object, ignored });
  const changed = union(comparison.added, comparison.modified);
  const conflicts = conflictsOf(claims, changed, id);
  if (!force)
    refuse(conflicts, {
      allowed: mayTake === undefined ? emptySet : fieldsOfLastApplied(type, mayTake),
      version: author.apiVersion,
    });
  const managers = takeAway(takeAway(claims, changed, id), comparison.removed);
  return { managers, object: isSame(comparison) ? undefined : object };
}

function conflictsOf(managers: Managers, changed: FieldSet, except: string): ManagerConflict[] {
  return [...managers]
    .filter(([id]) => id !== except)
    .map(([, manager]) => ({ manager, fields: intersection(manager.set, changed) }))
    .filter(({ fields }) => !isEmptySet(fields));
}

/** Each manager's fields are told in the names of its own version. */
function refuse(
  conflicts: readonly ManagerConflict[],
  { allowed, version }: { readonly allowed: FieldSet; readonly version: string },
): void {
  const remaining = conflicts
    .map(({ manager, fields }) => ({ manager, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields))
    .map(({ manager, fields }) => ({
      manager,
      fields: inVersion(fields, version, manager.apiVersion),
    }));
  if (remaining.length > 0) throw applyConflict(remaining);
}

function checkedConfig(gvk: GroupVersionKind, applied: unknown): JsonObject {
  if (!isObject(applied)) {
    throw new ApiError(400, 'BadRequest', 'error decoding YAML: an apply patch must be an object');
  }
  const metadata = isObject(applied['metadata']) ? applied['metadata'] : {};
  if (metadata['managedFields'] !== undefined && metadata['managedFields'] !== null) {
    throw new ApiError(400, 'BadRequest', 'metadata.managedFields must be nil');
  }
  const expected = apiVersionOf(gvk);
  const { apiVersion = '' } = applied;
  if (apiVersion !== expected) {
    throw new ApiError(
      400,
      'BadRequest',
      `incorrect version specified in apply patch. Specified patch version: ${JSON.stringify(apiVersion).replaceAll('"', '')}, expected: ${expected}`,
    );
  }
  const objections = objectionsToApplied(typeOf(gvk), applied);
  if (objections.length > 0) {
    const text =
      objections.length === 1
        ? objections[0]
        : `errors:\n${objections.map((objection) => `  ${objection}`).join('\n')}`;
    const { namespace = '', name = '' } = metadata as { namespace?: string; name?: string };
    throw new ApiError(
      500,
      '',
      `failed to create typed patch object (${namespace}/${name}; ${gvk.group}/${gvk.version}, Kind=${gvk.kind}): ${text}`,
    );
  }
  return applied;
}

// An object that nobody's fields were tracked on belongs, until now, to whoever was there before.
function knownManagers(options: ServerSideApplyOptions, type: Type, before: unknown): Managers {
  const { gvk, live, time } = options;
  const managers = readManagers(managedFieldsOf(live), apiVersionOf(gvk));
  if (live === undefined || managers.size > 0) return managers;
  return updateManagers(managers, {
    type,
    before: undefined,
    after: before,
    author: {
      name: 'before-first-apply',
      operation: 'Update',
      apiVersion: apiVersionOf(gvk),
      subresource: '',
      time,
    },
  });
}

function identityOf(config: JsonObject): JsonObject {
  const metadata = isObject(config['metadata']) ? config['metadata'] : {};
  const { name, namespace } = metadata;
  return {
    apiVersion: config['apiVersion'],
    kind: config['kind'],
    metadata: {
      ...(name !== undefined && { name }),
      ...(namespace !== undefined && { namespace }),
    },
  };
}

function overlay(base: JsonObject, tracked: unknown): JsonObject {
  const object = isObject(tracked) ? tracked : {};
  const identity = trackedPart(base);
  const untrackedMetadata = { ...(base['metadata'] as JsonObject | undefined) };
  for (const key of Object.keys((identity['metadata'] as JsonObject | undefined) ?? {})) {
    delete untrackedMetadata[key];
  }
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const { apiVersion, kind } = base;
  return { apiVersion, kind, ...object, metadata: { ...untrackedMetadata, ...metadata } };
}

function withManagedFields(object: JsonObject, managers: Managers, version: string): JsonObject {
  const managedFields = writeManagers(managers, version);
  return {
    ...object,
    metadata: { ...(object['metadata'] as JsonObject | undefined), managedFields },
  };
}
