import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../api.ts';
import {
  applyDefaults,
  type FieldError,
  invalid,
  recordUpdate,
  validateCreate,
} from '../../machinery/index.ts';
import { keyOf } from '../../store/index.ts';
import { admitCreate } from '../admission/admit.ts';
import type { Resource } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { alreadyExists, badRequest } from '../words.ts';
import { type PipelineContext, timestamp, type Write } from './context.ts';
import { draftOf, orderedMetadata } from './metadata.ts';
import { randomSuffix, SUFFIX_LENGTH } from './random-suffix.ts';

/** default → managedFields → admission → strategy → validate → store. Returns the new object. */
export function create(
  context: PipelineContext,
  resource: Resource,
  object: object,
  write: Write,
): KubeObject {
  const draft = draftOf(resource, applyDefaults(resource, object));
  return createDefaulted(context, resource, draft, write);
}

/** The same for a draft that is defaulted and may already carry its managedFields (server-side apply). */
export function createDefaulted(
  context: PipelineContext,
  resource: Resource,
  draft: Draft,
  write: Write & { readonly isApply?: boolean },
): KubeObject {
  const { metadata } = draft;
  const now = timestamp(context.now());
  if (metadata.resourceVersion) {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  for (const field of SERVER_FIELDS) delete metadata[field];
  if (!resource.namespaced) delete metadata.namespace;
  const status = resource.strategy.initialStatus?.(draft);
  if (status) delete draft.status;
  if (!write.isApply) {
    metadata.managedFields = recordUpdate({
      gvk: resource,
      live: undefined,
      next: draft,
      manager: write.manager,
      writtenAs: write.writtenAs,
      subresource: write.subresource,
      time: now,
    });
  }
  if (!metadata.name && metadata.generateName) {
    metadata.name = freeName(context, resource, metadata.generateName, metadata.namespace);
  }
  admitCreate(context, resource, draft, write);
  metadata.uid = randomUUID();
  metadata.creationTimestamp = now;
  if (resource.hasGeneration) metadata.generation = 1;
  const refused = resource.strategy.prepareForCreate?.(draft, context) ?? [];
  if (status) draft.status = status;
  draft.metadata = orderedMetadata(metadata);
  requireValid(resource, draft, [
    ...validateCreate(resource, draft, context.validationRules),
    ...refused,
  ]);
  const key = keyOf(metadata.namespace, metadata.name ?? '');
  const collection = context.store.collection(resource.plural);
  if (collection.get(key)) throw alreadyExists(resource, metadata.name ?? '');
  if (write.dryRun) return draft;
  draft.metadata = orderedMetadata({ ...metadata, resourceVersion: TO_BE_GIVEN });
  return collection.put(draft).object;
}

/** Holds the place of the revision in the order of metadata's fields. */
const TO_BE_GIVEN = '0';

/** What a client may send back from an object it copied, and what only the server says. */
const SERVER_FIELDS = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'selfLink',
] as const;

function requireValid(resource: Resource, draft: Draft, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(resource, draft.metadata.name ?? '', errors);
}

const MAX_NAME_LENGTH = 63;

function freeName(
  context: PipelineContext,
  resource: Resource,
  generateName: string,
  namespace: string | undefined,
): string {
  const base = generateName.slice(0, MAX_NAME_LENGTH - SUFFIX_LENGTH);
  const collection = context.store.collection(resource.plural);
  for (;;) {
    const name = base + randomSuffix();
    if (!collection.get(keyOf(namespace, name))) return name;
  }
}
