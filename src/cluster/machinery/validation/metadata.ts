import type { ObjectMeta, OwnerReference } from 'kubernetes-types/meta/v1.js';

import { type FieldError, forbidden, invalidValue, required, tooLong } from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { labelValueText, nonNegative, qualifiedName } from './names.ts';

const maxAnnotationBytes = 256 * 1024;

export interface MetadataRules {
  readonly checkName: (name: string) => string[];
  readonly isNamespaced: boolean;
}

/** Name, labels, annotations and owners of a new object. */
export function validateMetadata(
  metadata: ObjectMeta,
  { checkName, isNamespaced }: MetadataRules,
): FieldError[] {
  const errors: FieldError[] = [];
  const { name, generateName, namespace } = metadata;
  if (generateName) {
    const prefix = generateName.endsWith('-') ? `${generateName.slice(0, -1)}a` : generateName;
    for (const wrong of checkName(prefix)) {
      errors.push(invalidValue('metadata.generateName', generateName, wrong));
    }
  }
  if (name) {
    for (const wrong of checkName(name)) errors.push(invalidValue('metadata.name', name, wrong));
  } else errors.push(required('metadata.name', 'name or generateName is required'));
  if (!isNamespaced && namespace) {
    errors.push(forbidden('metadata.namespace', 'not allowed on this type'));
  }
  if (metadata.generation !== undefined && metadata.generation < 0) {
    errors.push(invalidValue('metadata.generation', metadata.generation, nonNegative));
  }
  return [...errors, ...validateAttachments(metadata)];
}

/** What may not change, and what has to be well-formed, when `next` replaces `previous`. */
export function validateMetadataUpdate(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (previous.deletionTimestamp) {
    const known = new Set(previous.finalizers);
    const added = (next.finalizers ?? []).filter((finalizer) => !known.has(finalizer));
    if (added.length > 0) {
      const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
      errors.push(
        forbidden(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
        ),
      );
    }
  }
  if ((next.generation ?? 0) < (previous.generation ?? 0)) {
    errors.push(invalidValue('metadata.generation', next.generation, 'must not be decremented'));
  }
  for (const field of immutableFields) {
    const value = next[field];
    if (!isEqual(value ?? null, previous[field] ?? null)) {
      errors.push(immutable(`metadata.${field}`, value));
    }
  }
  return [...errors, ...validateAttachments(next)];
}

const immutableFields = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

export function immutable(field: string, value: unknown): FieldError {
  return invalidValue(field, value, 'field is immutable');
}

export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedName(key).map((wrong) => invalidValue(field, key, wrong)),
    ...labelValueText(value).map((wrong) => invalidValue(field, value, wrong)),
  ]);
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(
      ...qualifiedName(key.toLowerCase()).map((wrong) => invalidValue(field, key, wrong)),
    );
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > maxAnnotationBytes) errors.push(tooLong(field, maxAnnotationBytes));
  return errors;
}

function validateAttachments(metadata: ObjectMeta): FieldError[] {
  return [
    ...validateLabels(metadata.labels, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations, 'metadata.annotations'),
    ...validateOwners(metadata.ownerReferences ?? []),
    ...validateFinalizers(metadata.finalizers ?? [], 'metadata.finalizers'),
  ];
}

const standardFinalizers = new Set(['foregroundDeletion', 'kubernetes', 'orphan']);

export function validateFinalizers(finalizers: readonly string[], field: string): FieldError[] {
  return finalizers.flatMap((finalizer) => {
    const wrong = qualifiedName(finalizer).map((text) => invalidValue(field, finalizer, text));
    if (wrong.length > 0 || finalizer.includes('/') || standardFinalizers.has(finalizer)) {
      return wrong;
    }
    return [
      invalidValue(
        field,
        finalizer,
        'name is neither a standard finalizer name nor is it fully qualified',
      ),
    ];
  });
}

function validateOwners(owners: readonly OwnerReference[]): FieldError[] {
  const errors: FieldError[] = [];
  let controller = '';
  for (const owner of owners) {
    const field = 'metadata.ownerReferences';
    if (!owner.apiVersion) {
      errors.push(
        invalidValue(`${field}.apiVersion`, owner.apiVersion, 'version must not be empty'),
      );
    }
    for (const key of ['kind', 'name', 'uid'] as const) {
      if (!owner[key])
        errors.push(invalidValue(`${field}.${key}`, owner[key], 'must not be empty'));
    }
    if (!owner.controller) continue;
    if (controller !== '') {
      errors.push(
        invalidValue(
          field,
          owners,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.kind}/${owner.name}`,
        ),
      );
    }
    controller = `${owner.kind}/${owner.name}`;
  }
  return errors;
}
