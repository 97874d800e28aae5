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
  readonly sendInitialEvents: boolean;
  readonly allowWatchBookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

/** Throws 400 or 422 for combinations that upstream refuses. */
export function listOptionsOf(query: URLSearchParams, isWatch: boolean): ListOptions {
  const resourceVersion = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const sendInitialEvents = query.get('sendInitialEvents');
  const errors: FieldError[] = [];
  const forbid = (field: string, why: string) =>
    errors.push({ type: 'FieldValueForbidden', field, message: `Forbidden: ${why}` });
  if (sendInitialEvents !== null && !isWatch) {
    forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  }
  if (isWatch && sendInitialEvents !== null && match !== 'NotOlderThan') {
    forbid(
      'resourceVersionMatch',
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  }
  if (isWatch && sendInitialEvents === null && match !== '') {
    forbid(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  }
  if (!isWatch && match !== '') {
    if (query.get('continue')) {
      forbid('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
    } else if (resourceVersion === '') {
      forbid(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden unless resourceVersion is provided',
      );
    } else if (match === 'Exact' && resourceVersion === '0') {
      forbid(
        'resourceVersionMatch',
        'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      );
    }
  }
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'resourceVersionMatch',
      message: `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`,
    });
  }
  if (errors.length > 0) {
    throw invalid({ group: 'meta.k8s.io', version: 'v1', kind: 'ListOptions' }, '', errors);
  }
  if (!/^\d*$/.test(resourceVersion)) {
    throw badRequest(`invalid resource version ${JSON.stringify(resourceVersion)}`);
  }
  return {
    limit: numberOf(query, 'limit') ?? 0,
    continue: query.get('continue') ?? '',
    resourceVersion,
    resourceVersionMatch: match as ListOptions['resourceVersionMatch'],
    sendInitialEvents: isTrue(sendInitialEvents),
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds: numberOf(query, 'timeoutSeconds'),
  };
}
