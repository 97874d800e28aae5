import { ApiError } from '../../api-error.ts';
import { type FieldError, invalid } from '../../machinery/index.ts';
import { badRequest } from '../words.ts';
import { isTrue, numberOf } from './exchange.ts';

/** The query of a list or watch, checked. */
export interface ListOptions {
  readonly limit: number;
  readonly continue: string;
  /** '' = the newest. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: '' | 'Exact' | 'NotOlderThan';
  /** Undefined when the query does not speak of it: that is not the same as false. */
  readonly sendInitialEvents: boolean | undefined;
  readonly allowWatchBookmarks: boolean;
  /** Undefined also for 0: the server decides. */
  readonly timeoutSeconds: number | undefined;
}

/** Throws 400 or 422 for combinations that upstream refuses. */
export function listOptionsOf(query: URLSearchParams, isWatch: boolean): ListOptions {
  const resourceVersion = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const sendInitialEvents = query.get('sendInitialEvents');
  const errors = (isWatch ? watchErrors : listErrors)(query, match);
  if (errors.length > 0) {
    throw invalid({ group: 'meta.k8s.io', version: 'v1', kind: 'ListOptions' }, '', errors);
  }
  // A list's is looked at only after its continue token.
  if (isWatch && !/^\d*$/.test(resourceVersion)) {
    throw new ApiError(500, '', invalidRevision(resourceVersion));
  }
  return {
    limit: numberOf(query, 'limit') ?? 0,
    continue: query.get('continue') ?? '',
    resourceVersion,
    resourceVersionMatch: match as ListOptions['resourceVersionMatch'],
    sendInitialEvents: sendInitialEvents === null ? undefined : isTrue(sendInitialEvents),
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds: numberOf(query, 'timeoutSeconds') || undefined,
  };
}

/** '' and '0' are both 0; throws 400 for what is no number. */
export function revisionOf(resourceVersion: string): number {
  if (/^\d*$/.test(resourceVersion)) return Number(resourceVersion);
  throw badRequest(`invalid resource version: ${invalidRevision(resourceVersion)}`);
}

function invalidRevision(text: string): string {
  const quoted = JSON.stringify(text);
  return `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`;
}

const FIELD = 'resourceVersionMatch';

function listErrors(query: URLSearchParams, match: string): FieldError[] {
  const errors: FieldError[] = [];
  if (match !== '') {
    const resourceVersion = query.get('resourceVersion') ?? '';
    if (resourceVersion === '') {
      errors.push(forbidden(`${FIELD} is forbidden unless resourceVersion is provided`));
    }
    if (query.get('continue')) {
      errors.push(forbidden(`${FIELD} is forbidden when continue is provided`));
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(unsupported(match, '"Exact", "NotOlderThan", ""'));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbidden(`${FIELD} "exact" is forbidden for resourceVersion "0"`));
    }
  }
  if (query.has('sendInitialEvents')) {
    errors.push(forbidden('sendInitialEvents is forbidden for list', 'sendInitialEvents'));
  }
  return errors;
}

function watchErrors(query: URLSearchParams, match: string): FieldError[] {
  const errors: FieldError[] = [];
  const asksForInitialEvents = query.has('sendInitialEvents');
  if (asksForInitialEvents && match !== 'NotOlderThan') {
    errors.push(forbidden(`sendInitialEvents requires setting ${FIELD} to NotOlderThan`));
  }
  if (match === '') return errors;
  if (!asksForInitialEvents) {
    errors.push(forbidden(`${FIELD} is forbidden for watch unless sendInitialEvents is provided`));
  }
  if (match !== 'NotOlderThan') errors.push(unsupported(match, '"NotOlderThan"'));
  if (query.get('continue')) {
    errors.push(forbidden(`${FIELD} is forbidden when continue is provided`));
  }
  return errors;
}

function forbidden(why: string, field = FIELD): FieldError {
  return { type: 'FieldValueForbidden', field, message: `Forbidden: ${why}` };
}

function unsupported(value: string, supported: string): FieldError {
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
  return { type: 'FieldValueNotSupported', field: FIELD, message };
}
