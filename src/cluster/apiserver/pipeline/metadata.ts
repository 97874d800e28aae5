import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import type { Draft } from '../strategy/strategy.ts';
import { apiVersionOf, type Resource } from '../resources/resource.ts';

/** The order in which upstream writes metadata; clients compare text more often than they should. */
const METADATA_ORDER = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const satisfies readonly (keyof ObjectMeta)[];

/** A draft in upstream's order of fields, whose first two levels belong to the caller; empty metadata maps and lists are left out. */
export function draftOf(resource: Resource, object: object): Draft {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object as Draft;
  return {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata: orderedMetadata(metadata ?? {}),
    ...rest,
  };
}

export function orderedMetadata(metadata: ObjectMeta): ObjectMeta {
  const ordered: Record<string, unknown> = {};
  for (const field of METADATA_ORDER) {
    const value: unknown = metadata[field];
    if (!isEmpty(value)) ordered[field] = value;
  }
  return ordered;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}
