import { type FieldError, required } from '../field-error.ts';
import type { GroupVersionKind } from '../group-version-kind.ts';
import { isObject } from '../json-value.ts';

export interface ValidationRules {
  /** Only where Pods have 127.x addresses, because the machine allows no namespaces. */
  readonly allowLoopbackEndpoints?: boolean;
}

/** Every objection upstream would raise against this new, already defaulted object. */
export function validateCreate(
  _gvk: GroupVersionKind,
  object: unknown,
  _rules: ValidationRules = {},
): FieldError[] {
  const metadata = isObject(object) && isObject(object['metadata']) ? object['metadata'] : {};
  return metadata['name'] || metadata['generateName']
    ? []
    : [required('metadata.name', 'name or generateName is required')];
}

/** Every objection against replacing `previous` by `next`, both defaulted. */
export function validateUpdate(
  gvk: GroupVersionKind,
  next: unknown,
  _previous: unknown,
  _subresource?: string,
  rules: ValidationRules = {},
): FieldError[] {
  return validateCreate(gvk, next, rules);
}
