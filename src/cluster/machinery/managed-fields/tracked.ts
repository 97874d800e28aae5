import type { ManagedFieldsEntry } from 'kubernetes-types/meta/v1.js';

import { isObject, type JsonObject } from '../json-value.ts';
import { alwaysPresent } from '../schema/conform.ts';
import type { Type } from '../schema/types.ts';
import type { FieldSet } from './field-set.ts';

// What nobody owns: upstream strips these from every set.
const untracked = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]);

/** The part of an object whose fields have managers. */
export function trackedPart(object: unknown): JsonObject {
  if (!isObject(object)) return {};
  const { apiVersion: _, kind: __, metadata, ...rest } = object;
  if (!isObject(metadata)) return rest;
  const tracked: JsonObject = {};
  for (const field in metadata) if (!untracked.has(field)) tracked[field] = metadata[field];
  return { ...rest, metadata: tracked };
}

/** What an object of the type is before anything is set: a create is an update of this. */
export function blank(type: Type): JsonObject {
  return type.kind === 'struct'
    ? trackedPart(Object.fromEntries(alwaysPresent(type)))
    : { metadata: {} };
}

/** The fields a write through this endpoint leaves alone, hence never owns (each strategy's reset fields). */
export function resetFields(type: Type, subresource: string): FieldSet {
  const model = type.kind === 'struct' ? type.model : '';
  if (subresource === '') return { 'f:status': {} };
  if (subresource !== 'status') return {};
  return { 'f:spec': {}, ...resetByStatus[model] };
}

const resetByStatus: Readonly<Record<string, FieldSet>> = {
  V1Deployment: { 'f:metadata': { 'f:labels': {} } },
  V1Pod: { 'f:metadata': { 'f:deletionTimestamp': {}, 'f:ownerReferences': {} } },
};

export function managedFieldsOf(object: unknown): readonly ManagedFieldsEntry[] | undefined {
  if (!isObject(object) || !isObject(object['metadata'])) return undefined;
  return object['metadata']['managedFields'] as readonly ManagedFieldsEntry[] | undefined;
}
