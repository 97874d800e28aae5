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
  const errors: FieldError[] = [];
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
