import type { IncomingMessage } from 'node:http';
import { type FieldError, invalid } from '../../machinery/index.ts';
import type { Write } from '../pipeline/context.ts';

type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** The query of a write, checked. */
export interface WriteQuery extends Write {
  readonly fieldValidation: FieldValidation;
}

const MAX_MANAGER_LENGTH = 128;

/** `kind` is the options' kind in error messages: CreateOptions, PatchOptions, … Throws 422. */
export function writeQueryOf(
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  query: URLSearchParams,
  request: IncomingMessage,
  subresource: string | undefined,
): WriteQuery {
  const errors = managerErrors(query.get('fieldManager') ?? '');
  const dryRun = query.getAll('dryRun');
  if (dryRun.some((value) => value !== 'All')) errors.push(unsupported('dryRun', dryRun, ['All']));
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  if (!isFieldValidation(fieldValidation)) {
    errors.push(unsupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', version: 'v1', kind }, '', errors);
  return {
    manager: query.get('fieldManager') || managerOf(request),
    dryRun: dryRun.length > 0,
    fieldValidation: fieldValidation as FieldValidation,
    subresource,
  };
}

/** What PATCH asks of its query besides; throws 422. */
export function checkPatchQuery(query: URLSearchParams, isApply: boolean): void {
  const errors: FieldError[] = [];
  if (isApply && !query.get('fieldManager')) {
    errors.push({
      type: 'FieldValueRequired',
      field: 'fieldManager',
      message: 'Required value: is required for apply patch',
    });
  }
  if (!isApply && query.has('force')) {
    errors.push({
      type: 'FieldValueForbidden',
      field: 'force',
      message: 'Forbidden: may not be specified for non-apply patch',
    });
  }
  const kind = 'PatchOptions';
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', version: 'v1', kind }, '', errors);
}

function managerErrors(manager: string): FieldError[] {
  const field = 'fieldManager';
  if (Buffer.byteLength(manager) > MAX_MANAGER_LENGTH) {
    const message = `Too long: may not be more than ${MAX_MANAGER_LENGTH} bytes`;
    return [{ type: 'FieldValueTooLong', field, message }];
  }
  const unprintable = /[^\P{C}]/u.exec(manager)?.[0];
  if (unprintable === undefined) return [];
  const code = (unprintable.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const message = `Invalid value: ${JSON.stringify(manager)}: should not contain unprintable characters but contains U+${code}`;
  return [{ type: 'FieldValueInvalid', field, message }];
}

/** Without `fieldManager` the client's name stands in: what comes before the slash of its User-Agent. */
function managerOf(request: IncomingMessage): string {
  const [name = ''] = (request.headers['user-agent'] ?? '').split('/');
  return name.slice(0, MAX_MANAGER_LENGTH) || 'unknown';
}

function isFieldValidation(value: string): value is FieldValidation {
  return value === 'Strict' || value === 'Warn' || value === 'Ignore';
}

function unsupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  return {
    type: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
  };
}
