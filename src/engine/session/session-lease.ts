import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import { recordAnnotation } from '../annotations.ts';
import { PitstopError } from '../errors.ts';
import { insist } from '../steps/insist.ts';
import type { Stop } from '../steps/stop.ts';
import { encodeRecord, readRecord, type UndoRecord } from './record.ts';
import { serverNowMs } from './server-now.ts';

export const leaseSeconds = 60;
const renewEveryMs = 15_000;
const readTimeoutMs = 10_000;

interface PodKey {
  readonly namespace: string;
  readonly name: string;
}

interface LeaseOptions {
  /** The record is not this session's any more: somebody else brought the Pod home, or is about to. */
  readonly onLost: (error: PitstopError) => void;
  /** This machine slept (or its clock jumped) for longer than a lease: others may have acted on it. */
  readonly onAsleep: (message: string) => void;
  readonly renewEveryMs?: number;
}

/**
 * Keeps a running session's undo record fresh, so that others can tell a running session from a
 * dead one. Disposing ends it, and waits for a renewal that is under way: after that nobody writes
 * the record but the caller.
 */
export class SessionLease implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(kube: Kube, key: PodKey, record: UndoRecord, options: LeaseOptions) {
    this.#done = this.#renew(kube, key, record, options);
  }

  async #renew(kube: Kube, key: PodKey, record: UndoRecord, options: LeaseOptions): Promise<void> {
    let written = encodeRecord(record);
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const pausedAt = Date.now();
      const pauseMs = options.renewEveryMs ?? renewEveryMs;
      try {
        await sleep(pauseMs, undefined, { signal });
      } catch {
        return;
      }
      // Timers stand still in a suspended machine; the wall clock does not.
      const sleptSeconds = Math.round((Date.now() - pausedAt - pauseMs) / 1000);
      if (sleptSeconds > leaseSeconds) options.onAsleep(asleep(sleptSeconds));
      const renewed = encodeRecord({
        ...record,
        renewedAt: new Date(serverNowMs(kube)).toISOString(),
      });
      const path = `/metadata/annotations/${recordAnnotation.replaceAll('/', '~1')}`;
      try {
        // `test` keeps a late renewal from bringing back a record that was restored meanwhile.
        await kube.patch(
          { resource: 'pods', ...key },
          [
            { op: 'test', path, value: written },
            { op: 'replace', path, value: renewed },
          ],
          { type: 'json' },
        );
        written = renewed;
      } catch {
        // A missed renewal only makes the session look dead sooner. But one whose answer was lost must
        // not be what all later ones fail on.
        const pod = await kube
          .get<Pod>({ resource: 'pods', ...key })
          .catch(() => 'unread' as const);
        if (pod === 'unread') continue;
        const lost = whyLost(key, pod, record);
        if (lost && !signal.aborted) return options.onLost(lost);
        written = pod?.metadata?.annotations?.[recordAnnotation] ?? written;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

/**
 * Asks once more whether the session still holds the Pod: after a sleep the watch that would have
 * told may be a connection that nobody serves any more. Throws `drift` when it does not.
 */
export async function confirmHeld(
  { kube, namespace, name, signal }: Stop,
  record: UndoRecord,
): Promise<void> {
  const pod = await insist({ signal, timeoutMs: readTimeoutMs }, () =>
    kube.get<Pod>({ resource: 'pods', namespace, name }, { signal }),
  );
  const lost = whyLost({ namespace, name }, pod, record);
  if (lost) throw lost;
}

function whyLost(
  { namespace, name }: PodKey,
  pod: Pod | undefined,
  { id }: UndoRecord,
): PitstopError | undefined {
  const found = pod && recordOf(pod);
  if (found?.id === id && found.phase === 'out') return undefined;
  const why =
    found === undefined
      ? 'the undo record is gone: somebody else put it back'
      : found.id === id
        ? 'somebody else is bringing it home'
        : `session ${found.id} by ${found.by} holds it now`;
  return new PitstopError('drift', `pod ${namespace}/${name}: ${why}`, {
    hint: `kubectl pitstop status ${name} -n ${namespace}`,
  });
}

/** One that cannot be read is not ours: nobody else's to judge here. */
function recordOf(pod: Pod): UndoRecord | undefined {
  try {
    return readRecord(pod);
  } catch {
    return undefined;
  }
}

function asleep(seconds: number): string {
  return (
    `this machine was asleep (or its clock jumped) for ${Math.round(seconds / 60)} min, longer than the ` +
    `session's lease of ${leaseSeconds} s: others may have taken it for dead`
  );
}
