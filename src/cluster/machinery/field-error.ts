import type { StatusCause } from 'kubernetes-types/meta/v1.js';

import { ApiError } from '../api-error.ts';
import { type GroupVersionKind, qualifiedKind } from './group-version-kind.ts';

type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueForbidden'
  | 'FieldValueDuplicate'
  | 'FieldValueNotFound'
  | 'FieldValueNotSupported'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

/** One objection to one field; `message` is what follows the path: `Invalid value: 99999: must be …`. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.ports[0].port`; `<nil>` for the object as a whole. */
  readonly field: string;
  readonly message: string;
}

export function required(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, message: joined('Required value', detail) };
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return {
    type: 'FieldValueInvalid',
    field,
    message: joined(`Invalid value: ${shown(value)}`, detail),
  };
}

/** One objection a sentence, all to the same value. */
export function eachInvalid(
  field: string,
  value: unknown,
  details: readonly string[],
): FieldError[] {
  return details.map((detail) => invalidValue(field, value, detail));
}

export function forbidden(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, message: joined('Forbidden', detail) };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, message: `Duplicate value: ${shown(value)}` };
}

export function notFound(field: string, value: unknown): FieldError {
  return { type: 'FieldValueNotFound', field, message: `Not found: ${shown(value)}` };
}

export function notSupported(
  field: string,
  value: unknown,
  supported: readonly string[],
): FieldError {
  const list = supported.map((one) => JSON.stringify(one)).join(', ');
  const detail = supported.length === 0 ? '' : `supported values: ${list}`;
  return {
    type: 'FieldValueNotSupported',
    field,
    message: joined(`Unsupported value: ${shown(value)}`, detail),
  };
}

export function tooLong(field: string, maxBytes: number): FieldError {
  const unit = maxBytes === 1 ? 'byte' : 'bytes';
  return {
    type: 'FieldValueTooLong',
    field,
    message: `Too long: may not be more than ${maxBytes} ${unit}`,
  };
}

/** The 422 that carries all objections: one sentence for people, one cause each for programs. */
export function invalid(
  gvk: GroupVersionKind,
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const distinct = new Map(errors.map((error) => [`${error.field}: ${error.message}`, error]));
  const sentences = [...distinct.keys()];
  const text = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`;
  const causes: StatusCause[] = errors.map(({ type, message, field }) => ({
    reason: type,
    message,
    field,
  }));
  return new ApiError(422, 'Invalid', `${qualifiedKind(gvk)} "${name}" is invalid: ${text}`, {
    ...(name !== '' && { name }),
    ...(gvk.group !== '' && { group: gvk.group }),
    ...(gvk.kind !== '' && { kind: gvk.kind }),
    causes,
  });
}

function joined(head: string, detail: string): string {
  return detail === '' ? head : `${head}: ${detail}`;
}

function shown(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}
