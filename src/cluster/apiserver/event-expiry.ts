import type { Event } from 'kubernetes-types/core/v1.js';
import type { Store } from '../store/index.ts';

/** As upstream's `--event-ttl`, counted from the last write. */
const LIFE_MS = 60 * 60_000;
const SWEEP_MS = 60_000;

/** Removes Events that nothing was added to for an hour, until disposed. */
export function expireEvents(store: Store, now: () => Date): Disposable {
  const sweep = () => {
    const events = store.collection('events');
    const oldest = now().getTime() - LIFE_MS;
    for (const { key, object } of events.entries())
      if (lastWrite(object as Event) < oldest) events.remove(key);
  };
  const timer = setInterval(sweep, SWEEP_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function lastWrite({ metadata, lastTimestamp, series }: Event): number {
  const times = [metadata.creationTimestamp, lastTimestamp, series?.lastObservedTime];
  return Math.max(...times.map((time) => (time ? Date.parse(time) : 0)));
}
