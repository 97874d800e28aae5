import type { Event as CoreEvent } from 'kubernetes-types/core/v1.js';
import type { Event as GroupEvent } from 'kubernetes-types/events/v1.js';

import { nameOf, type PrintContext } from './cells.ts';
import { since } from './human-duration.ts';

/** LAST SEEN TYPE REASON OBJECT MESSAGE and, wide, the rest; for events of both groups. */
export function eventCells(
  event: CoreEvent & Partial<GroupEvent>,
  context: PrintContext,
): unknown[] {
  const { now } = context;
  const target = event.involvedObject ?? event.regarding ?? {};
  const source = event.source ?? event.deprecatedSource ?? {};
  const first = event.firstTimestamp ?? event.deprecatedFirstTimestamp ?? event.eventTime;
  const last = event.lastTimestamp ?? event.deprecatedLastTimestamp ?? first;
  const component = source.component || event.reportingComponent || event.reportingController || '';
  const host = source.host || event.reportingInstance || '';
  const kind = (target.kind ?? '').toLowerCase();
  return [
    since(event.series?.lastObservedTime ?? last, now),
    event.type ?? '',
    event.reason ?? '',
    target.name ? `${kind}/${target.name}` : kind,
    target.fieldPath ?? '',
    host === '' ? component : `${component}, ${host}`,
    (event.message ?? event.note ?? '').trim(),
    since(first, now),
    (event.series?.count ?? event.count ?? event.deprecatedCount) || 1,
    nameOf(event),
  ];
}
