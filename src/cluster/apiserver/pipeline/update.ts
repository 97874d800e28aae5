import type { KubeObject, ObjectKey } from '../../api.ts';
import {
  applyDefaults,
  invalid,
  isEqual,
  recordUpdate,
  validateUpdate,
} from '../../machinery/index.ts';
import { type Entry, keyOf } from '../../store/index.ts';
import { admitUpdate } from '../admission/admit.ts';
import type { Resource } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { conflict, notFound } from '../words.ts';
import { type PipelineContext, timestamp, type Write } from './context.ts';
import { draftOf, orderedMetadata } from './metadata.ts';

export interface Update extends Write {
  /** A PUT: its uid is a precondition and it may not come without resourceVersion for some kinds. */
  readonly isReplace?: boolean;
  /** The mutation has written managedFields itself. */
  readonly isApply?: boolean;
}

/**
 * live → mutate → default → managedFields → strategy → validate → store, in one turn of the event
 * loop, so that a patch never has to be tried again. Returns the object as it is afterwards.
 */
export function update(
  context: PipelineContext,
  resource: Resource,
  key: ObjectKey,
  mutate: (live: KubeObject) => object,
  write: Update,
): KubeObject {
  const entry = liveEntry(context, resource, key);
  const previous = entry.object as Draft;
  const draft = draftOf(resource, applyDefaults(resource, mutate(entry.object)));
  requirePreconditions(resource, previous, draft, write);
  keepServerFields(resource, previous, draft, write.subresource);
  admitUpdate(context, { resource, draft, previous, write });
  // Upstream binds below the managers of fields: nobody owns nodeName.
  if (!write.isApply && write.subresource !== 'binding') {
    draft.metadata.managedFields = recordUpdate({
      gvk: resource,
      live: previous,
      next: draft,
      manager: write.manager,
      writtenAs: write.writtenAs,
      subresource: write.subresource,
      time: timestamp(context.now()),
    });
  }
  const refused =
    resource.strategy.prepareForUpdate?.(draft, previous, {
      ...context,
      subresource: write.subresource,
    }) ?? [];
  if (resource.hasGeneration && previous.metadata.generation !== undefined) {
    const isNew = resource.strategy.isNewGeneration ?? specChanged;
    // Upstream, only the main resource's strategy counts: neither status nor binding is a new wish.
    const counts = write.subresource !== 'status' && write.subresource !== 'binding';
    draft.metadata.generation =
      previous.metadata.generation + (counts && isNew(draft, previous) ? 1 : 0);
  }
  draft.metadata = orderedMetadata(draft.metadata);
  const errors = [
    ...(write.subresource === 'binding'
      ? []
      : validateUpdate(resource, draft, previous, write.subresource, context.validationRules)),
    ...refused,
  ];
  if (errors.length > 0) throw invalid(resource, key.name, errors);
  return commit(context, resource, entry, draft, write.dryRun);
}

export function liveEntry(context: PipelineContext, resource: Resource, key: ObjectKey): Entry {
  const entry = context.store.collection(resource.plural).get(keyOf(key.namespace, key.name));
  if (!entry) throw notFound(resource, key.name);
  return entry;
}

/** Stores the draft unless it says nothing new; an object whose last finalizer is gone goes with it. */
export function commit(
  context: PipelineContext,
  resource: Resource,
  entry: Entry,
  draft: Draft,
  dryRun: boolean,
): KubeObject {
  const collection = context.store.collection(resource.plural);
  if (isRemovedByUpdate(draft)) {
    return dryRun ? draft : (collection.remove(entry.key, draft)?.object ?? draft);
  }
  if (saysNothingNew(entry.object as Draft, draft)) return entry.object;
  return dryRun ? draft : collection.put(draft).object;
}

function isRemovedByUpdate({ metadata, spec }: Draft): boolean {
  return (
    metadata.deletionTimestamp !== undefined &&
    (metadata.finalizers ?? []).length === 0 &&
    ((spec?.['finalizers'] as readonly string[] | undefined) ?? []).length === 0 &&
    (metadata.deletionGracePeriodSeconds ?? 0) === 0
  );
}

/** Equal but for the instants in managedFields: no new revision, no event. */
function saysNothingNew(previous: Draft, draft: Draft): boolean {
  const { managedFields: before, ...metadataBefore } = previous.metadata;
  const { managedFields: after, ...metadataAfter } = draft.metadata;
  return (
    isEqual({ ...previous, metadata: metadataBefore }, { ...draft, metadata: metadataAfter }) &&
    isEqual(
      before?.map((field) => ({ ...field, time: undefined })),
      after?.map((field) => ({ ...field, time: undefined })),
    )
  );
}

function specChanged(draft: Draft, previous: Draft): boolean {
  return !isEqual(draft.spec, previous.spec);
}

function requirePreconditions(
  resource: Resource,
  { metadata: previous }: Draft,
  { metadata: next }: Draft,
  { isReplace = false }: Update,
): void {
  const name = previous.name ?? '';
  if (isReplace && next.uid && next.uid !== previous.uid) {
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${next.uid}, UID in object meta: ${previous.uid}`,
    );
  }
  if (next.resourceVersion) {
    if (next.resourceVersion !== previous.resourceVersion) throw conflict(resource, name);
  } else if (isReplace && !resource.allowsUnconditionalUpdate) {
    throw invalid({ ...resource, kind: resource.plural }, name, [
      {
        type: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: 'Invalid value: 0x0: must be specified for an update',
      },
    ]);
  }
}

/** What no client changes: identity and the marks of deletion always, and the half of the object that this path does not write. */
function keepServerFields(
  resource: Resource,
  previous: Draft,
  draft: Draft,
  subresource: string | undefined,
): void {
  const { metadata } = draft;
  const before = previous.metadata;
  metadata.name ??= before.name ?? '';
  metadata.uid ??= before.uid ?? '';
  metadata.resourceVersion = before.resourceVersion ?? '';
  const kept = {
    namespace: before.namespace,
    creationTimestamp: before.creationTimestamp,
    deletionTimestamp: before.deletionTimestamp,
    deletionGracePeriodSeconds: before.deletionGracePeriodSeconds,
    generation: before.generation,
  };
  for (const [field, value] of Object.entries(kept)) {
    const fields = metadata as Record<string, unknown>;
    if (value === undefined) delete fields[field];
    else fields[field] = value;
  }
  if (!resource.hasStatus || subresource === 'binding') return;
  if (subresource === 'status' || subresource === 'approval') {
    for (const field of Object.keys(draft)) if (!STATUS_FIELDS.has(field)) delete draft[field];
    for (const [field, value] of Object.entries(previous)) {
      if (!STATUS_FIELDS.has(field)) draft[field] = value;
    }
    reorder(draft);
  } else if (previous.status === undefined) {
    delete draft.status;
  } else {
    draft.status = previous.status;
  }
}

const STATUS_FIELDS = new Set(['kind', 'apiVersion', 'metadata', 'status']);

/** Puts `status` last again. */
function reorder(draft: Draft): void {
  const { status } = draft;
  delete draft.status;
  if (status !== undefined) draft.status = status;
}
