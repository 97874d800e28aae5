import { isObject, type JsonObject } from '../json-value.ts';
import type { Type } from '../schema/types.ts';
import { compare } from './compare.ts';
import { difference, emptySet, type FieldSet } from './field-set.ts';
import { toFieldSet } from './to-field-set.ts';
import { trackedPart } from './tracked.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The fields kubectl may take without `force` when it moves from client-side to server-side apply:
 * those it applied last, as long as they still have the value it applied.
 */
export function fieldsOfLastApplied(type: Type, live: unknown): FieldSet {
  const text = lastAppliedOf(live);
  if (text === undefined) return emptySet;
  let lastApplied: unknown;
  try {
    lastApplied = JSON.parse(text);
  } catch {
    return emptySet;
  }
  const before = trackedPart(lastApplied);
  const comparison = compare(type, { before, after: trackedPart(live), ignored: emptySet });
  const kept = difference(toFieldSet(type, before), comparison.modified);
  return difference(difference(kept, comparison.added), comparison.removed);
}

/** The object with the annotation brought up to date, if it has one: both ways of applying stay usable. */
export function withLastApplied(object: JsonObject, applied: unknown): JsonObject {
  if (lastAppliedOf(object) === undefined || !isObject(applied)) return object;
  const metadata = object['metadata'] as JsonObject;
  const annotations = metadata['annotations'] as JsonObject;
  const text = `${JSON.stringify(withoutAnnotation(applied))}\n`;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...annotations, [annotation]: text } },
  };
}

function withoutAnnotation(applied: JsonObject): JsonObject {
  const metadata = isObject(applied['metadata']) ? applied['metadata'] : {};
  if (!isObject(metadata['annotations'])) return applied;
  const { [annotation]: _, ...annotations } = metadata['annotations'];
  return { ...applied, metadata: { ...metadata, annotations } };
}

function lastAppliedOf(object: unknown): string | undefined {
  const metadata = isObject(object) ? object['metadata'] : undefined;
  const annotations = isObject(metadata) ? metadata['annotations'] : undefined;
  const text = isObject(annotations) ? annotations[annotation] : undefined;
  return typeof text === 'string' ? text : undefined;
}
