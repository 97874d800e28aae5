import type { Event, Pod } from 'kubernetes-types/core/v1.js';
import type { Api, ObjectKey } from '../api.ts';
import { ApiError } from '../api-error.ts';
import { type Clock, microTimestamp } from '../controllers/clock.ts';
import { metaOf } from '../controllers/object-meta.ts';
import { FIELD_MANAGER, SCHEDULER_NAME } from './names.ts';

export interface SchedulingEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly message: string;
}

/** A series that pauses for longer is over, as client-go's. */
const SERIES_MS = 6 * 60_000;
const MAX_SERIES = 1024;

/**
 * Writes Events as the events.k8s.io API does: the instant in `eventTime`, none of the counters, and
 * what is said again of the same Pod as a series of the first Event. One that cannot be written must
 * not keep the Pod from running.
 */
export function schedulingEvents(
  api: Api,
  clock: Clock,
): (pod: Pod, event: SchedulingEvent) => void {
  const series = new Map<string, { readonly key: ObjectKey; count: number; lastAt: number }>();
  let serial = 0n;

  return (pod, event) => {
    const { uid, resourceVersion = '' } = metaOf(pod);
    const sameness = [uid, resourceVersion, event.reason, event.action].join('\0');
    try {
      if (!continueSeries(sameness)) start(sameness, pod, event);
    } catch (error) {
      series.delete(sameness);
      if (!(error instanceof ApiError)) throw error;
    }
  };

  function continueSeries(sameness: string): boolean {
    const known = series.get(sameness);
    const now = clock.now();
    if (!known || now - known.lastAt > SERIES_MS || !api.get('events', known.key)) return false;
    known.count += 1;
    known.lastAt = now;
    const patch = { series: { count: known.count, lastObservedTime: microTimestamp(now) } };
    api.patch('events', known.key, patch, { type: 'merge', fieldManager: FIELD_MANAGER });
    return true;
  }

  function start(sameness: string, pod: Pod, event: SchedulingEvent): void {
    const { namespace = '', name, uid, resourceVersion = '' } = metaOf(pod);
    const now = clock.now();
    const id = (BigInt(now) * 1_000_000n + (serial++ % 1_000_000n)).toString(16);
    const key = { namespace, name: `${name}.${id}` };
    api.create<Event>(
      'events',
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: key,
        involvedObject: { kind: 'Pod', namespace, name, uid, apiVersion: 'v1', resourceVersion },
        ...event,
        source: {},
        firstTimestamp: null as unknown as string,
        lastTimestamp: null as unknown as string,
        eventTime: microTimestamp(now),
        reportingComponent: SCHEDULER_NAME,
        reportingInstance: SCHEDULER_NAME,
      },
      { fieldManager: FIELD_MANAGER },
    );
    series.set(sameness, { key, count: 1, lastAt: now });
    const [oldest] = series.keys();
    if (series.size > MAX_SERIES && oldest !== undefined) series.delete(oldest);
  }
}
