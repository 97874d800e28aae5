import type { ApiError } from '../../api-error.ts';
import { invalid, invalidValue } from '../field-error.ts';
import type { GroupVersionKind } from '../group-version-kind.ts';
import { conform, TypeMismatch } from '../schema/conform.ts';
import { typeOf } from '../schema/types.ts';
import { type Decoded, type DecodeOptions, unknownFields } from './decode-body.ts';
import { goFormat } from './go-format.ts';

export interface DecodePatchedOptions extends DecodeOptions {
  readonly type: 'json' | 'merge' | 'strategic';
  readonly patch: unknown;
}

const nothing: GroupVersionKind = { group: '', version: '', kind: '' };

/**
 * The outcome of a JSON, merge or strategic patch as a typed object. Throws the 422 upstream
 * answers when the patch brought in unknown fields (Strict) or wrong types.
 */
export function decodePatched(patched: unknown, options: DecodePatchedOptions): Decoded {
  const { resource, fieldValidation } = options;
  let object;
  try {
    object = conform(typeOf(resource), patched);
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error;
    throw refused(patched, error.message, options);
  }
  const objections = fieldValidation === 'Ignore' ? [] : unknownFields(patched, resource);
  if (fieldValidation === 'Strict' && objections.length > 0) {
    throw refused(patched, `strict decoding error: ${objections.join(', ')}`, options);
  }
  return { object, warnings: fieldValidation === 'Warn' ? objections : [] };
}

// Upstream names no kind here, and shows the strategic patch in Go's print but the others' outcome as JSON.
function refused(patched: unknown, reason: string, options: DecodePatchedOptions): ApiError {
  const { type, patch } = options;
  const shown = type === 'strategic' ? goFormat(patch) : JSON.stringify(patched);
  return invalid(nothing, '', [invalidValue('patch', shown, reason)]);
}
