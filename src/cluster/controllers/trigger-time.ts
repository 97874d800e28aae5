import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { metaOf, queueKey } from './object-meta.ts';
import { readyCondition } from './pod-status.ts';

export const LAST_CHANGE_TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

interface Seen {
  service: string;
  readonly pods: Map<string, string>;
}

/** Knows when the change happened that an endpoints object is written for. */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>();

  /**
   * RFC 3339; the earliest of the changes since the last call, `undefined` when that is unknown.
   * `isPart` says that the other Pods of the Service have not changed.
   */
  since(
    service: Service,
    pods: readonly Pod[],
    { isPart = false }: { readonly isPart?: boolean } = {},
  ): string | undefined {
    const { creationTimestamp = '' } = metaOf(service);
    const key = queueKey(service);
    const known = this.#seen.get(key);
    const seen = known ?? { service: '', pods: new Map<string, string>() };
    this.#seen.set(key, seen);
    let earliest: string | undefined;
    const consider = (time: string, last: string | undefined): void => {
      if (time > (last ?? '') && (earliest === undefined || time < earliest)) earliest = time;
    };
    for (const pod of pods) {
      const time = readyCondition(pod)?.lastTransitionTime;
      if (!time) continue;
      const { name } = metaOf(pod);
      const last = seen.pods.get(name);
      if (time === last) continue;
      consider(time, last);
      seen.pods.set(name, time);
    }
    if (!isPart && seen.pods.size > 2 * pods.length) prune(seen, pods);
    consider(creationTimestamp, seen.service);
    seen.service = creationTimestamp;
    // Of a Service met for the first time only its own birth is known to be news.
    return known ? earliest : creationTimestamp || undefined;
  }

  forget(serviceKey: string): void {
    this.#seen.delete(serviceKey);
  }
}

/** Names of Pods that are gone are forgotten now and then: they hardly ever come again. */
function prune({ pods: times }: Seen, pods: readonly Pod[]): void {
  const alive = new Set(pods.map((pod) => metaOf(pod).name));
  for (const name of times.keys()) if (!alive.has(name)) times.delete(name);
}

/** The annotations with the time set, or without it when it is unknown. */
export function withTriggerTime(
  annotations: Readonly<Record<string, string>> | undefined,
  time: string | undefined,
): Record<string, string> {
  const { [LAST_CHANGE_TRIGGER_TIME]: _, ...others } = annotations ?? {};
  return time ? { ...others, [LAST_CHANGE_TRIGGER_TIME]: time } : others;
}
