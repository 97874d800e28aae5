import type { Event } from 'kubernetes-types/core/v1.js';
import type { Api, KubeObject } from '../api.ts';
import { ApiError } from '../api-error.ts';
import { type Clock, timestamp } from './clock.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { metaOf } from './object-meta.ts';

export type RecordEvent = (
  object: KubeObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  /** The part of the object it is about: `spec.containers{web}`. */
  fieldPath?: string,
) => void;

export interface EventRecorderOptions {
  /** The node, of a component that runs on one. */
  readonly host?: string;
  readonly fieldManager?: string;
}

/** As upstream: an object may have 25 Events at once, then one more every five minutes. */
const BURST = 25;
const REFILL_MS = 5 * 60_000;
const MAX_REMEMBERED = 4096;

/** As client-go's: a longer message is cut. */
const MAX_MESSAGE_LENGTH = 1024;

/**
 * Writes Events in the name of `component` (`replicaset-controller`). The same Event again is counted
 * on the first one. An Event that cannot be written is dropped: it must never stop a reconcile.
 */
export function eventRecorder(
  api: Api,
  clock: Clock,
  component: string,
  { host, fieldManager = FIELD_MANAGER }: EventRecorderOptions = {},
): RecordEvent {
  const written = new Map<string, { readonly namespace: string; readonly name: string }>();
  const budgets = new Map<string, { tokens: number; at: number }>();
  let serial = 0;

  return (object, type, reason, text, fieldPath) => {
    const { uid } = metaOf(object);
    if (!takeToken(uid)) return;
    const message = text.slice(0, MAX_MESSAGE_LENGTH);
    const sameness = JSON.stringify([uid, type, reason, message, fieldPath]);
    try {
      if (count(sameness)) return;
      const event = { type, reason, message };
      const { namespace = '', name = '' } = create(object, event, fieldPath).metadata;
      remember(written, sameness, { namespace, name });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  };

  function takeToken(uid: string): boolean {
    const now = clock.now();
    const budget = budgets.get(uid) ?? { tokens: BURST, at: now };
    budget.tokens = Math.min(BURST, budget.tokens + (now - budget.at) / REFILL_MS);
    budget.at = now;
    remember(budgets, uid, budget);
    if (budget.tokens < 1) return false;
    budget.tokens -= 1;
    return true;
  }

  function count(sameness: string): boolean {
    const key = written.get(sameness);
    const known = key && api.get<Event>('events', key);
    if (!known) return false;
    api.patch(
      'events',
      key,
      { count: (known.count ?? 1) + 1, lastTimestamp: timestamp(clock.now()) },
      { type: 'merge', fieldManager },
    );
    return true;
  }

  function create(
    object: KubeObject,
    event: Pick<Event, 'type' | 'reason' | 'message'>,
    fieldPath: string | undefined,
  ): Event {
    const { namespace, name, uid, resourceVersion } = metaOf(object);
    const now = clock.now();
    const id = (BigInt(now) * 1_000_000n + BigInt(serial++ % 1_000_000)).toString(16);
    return api.create<Event>(
      'events',
      {
        apiVersion: 'v1',
        kind: 'Event',
        // Cluster-scoped objects have their Events in `default`.
        metadata: { name: `${name}.${id}`, namespace: namespace ?? 'default' },
        involvedObject: {
          ...(object.kind && { kind: object.kind }),
          ...(namespace && { namespace }),
          name,
          uid,
          ...(object.apiVersion && { apiVersion: object.apiVersion }),
          ...(resourceVersion && { resourceVersion }),
          ...(fieldPath && { fieldPath }),
        },
        ...event,
        source: { component, ...(host && { host }) },
        firstTimestamp: timestamp(now),
        lastTimestamp: timestamp(now),
        count: 1,
        reportingComponent: component,
        reportingInstance: host ?? '',
      },
      { fieldManager },
    );
  }
}

/** Sets the entry and forgets the least recently set one when there are too many. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_REMEMBERED) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
