import type { Event, Pod } from 'kubernetes-types/core/v1.js';
import type { Api } from '../api.ts';
import { time } from './pod/status.ts';

export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The container it is about. */
  readonly container?: string;
  readonly field?: 'containers' | 'initContainers' | 'ephemeralContainers';
}

/** Writes the kubelet's Events; the same one again only counts up, as client-go's recorder does. */
export class EventRecorder {
  readonly #api: Api;
  readonly #nodeName: string;
  readonly #seen = new Map<
    string,
    { readonly namespace: string; readonly name: string; count: number }
  >();

  #lastName = 0n;

  constructor(options: { readonly api: Api; readonly nodeName: string }) {
    this.#api = options.api;
    this.#nodeName = options.nodeName;
  }

  record(pod: Pod, event: PodEvent): void {
    const { namespace = 'default', name = '', uid = '', resourceVersion } = pod.metadata ?? {};
    const now = time(Date.now());
    const key = [uid, event.type, event.reason, event.container, event.message].join('\0');
    const seen = this.#seen.get(key);
    try {
      if (seen) {
        seen.count += 1;
        const patch = { count: seen.count, lastTimestamp: now };
        this.#api.patch('events', seen, patch, { type: 'merge', fieldManager: 'kubelet' });
        return;
      }
      const created = { namespace, name: `${name}.${this.#suffix()}`, count: 1 };
      const field = event.field ?? 'containers';
      this.#api.create<Event>(
        'events',
        {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { namespace, name: created.name },
          involvedObject: {
            apiVersion: 'v1',
            kind: 'Pod',
            namespace,
            name,
            uid,
            ...(resourceVersion !== undefined && { resourceVersion }),
            ...(event.container !== undefined && {
              fieldPath: `spec.${field}{${event.container}}`,
            }),
          },
          reason: event.reason,
          message: event.message.slice(0, 1024),
          type: event.type,
          source: { component: 'kubelet', host: this.#nodeName },
          firstTimestamp: now,
          lastTimestamp: now,
          count: 1,
          reportingComponent: 'kubelet',
          reportingInstance: this.#nodeName,
        },
        { fieldManager: 'kubelet' },
      );
      this.#seen.set(key, created);
    } catch {
      // The namespace may be going, or the Event gone with it: an Event is worth no failure.
      this.#seen.delete(key);
    }
  }

  /** Nanoseconds in hexadecimal, as client-go's: a list by name is then a list by time. */
  #suffix(): string {
    const now = BigInt(Date.now()) * 1_000_000n;
    this.#lastName = now > this.#lastName ? now : this.#lastName + 1n;
    return this.#lastName.toString(16);
  }

  /** The Pod is gone: its Events are not counted up any more. */
  forget(uid: string): void {
    for (const key of this.#seen.keys()) if (key.startsWith(`${uid}\0`)) this.#seen.delete(key);
  }
}
