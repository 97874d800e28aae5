import type { Event } from 'kubernetes-types/core/v1.js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Store } from '../store/index.ts';
import { expireEvents } from './event-expiry.ts';

beforeEach(() => vi.useFakeTimers({ now: Date.parse('2026-11-23T12:00:00Z') }));
afterEach(() => vi.useRealTimers());

test('an Event goes an hour after it was last written', () => {
  const store = new Store();
  using _expiry = expireEvents(store, () => new Date());
  const events = store.collection('events');
  const put = (name: string, fields: Partial<Event>) => {
    const creationTimestamp = '2026-11-23T12:00:00Z';
    events.put({ metadata: { name, namespace: 'default', creationTimestamp }, ...fields });
  };
  put('once', { lastTimestamp: '2026-11-23T12:00:00Z' });
  put('counted', { lastTimestamp: '2026-11-23T12:30:00Z' });
  put('series', { series: { count: 2, lastObservedTime: '2026-11-23T12:40:00.000000Z' } });
  const left = () => events.entries().map(({ object }) => object.metadata?.name);

  vi.advanceTimersByTime(59 * 60_000);
  expect(left()).toEqual(['counted', 'once', 'series']);
  vi.advanceTimersByTime(3 * 60_000);
  expect(left()).toEqual(['counted', 'series']);
  vi.advanceTimersByTime(60 * 60_000);
  expect(left()).toEqual([]);
});
