import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import { recordAnnotation } from '../annotations.ts';
import { encodeRecord, readRecord, type UndoRecord } from './record.ts';
import { serverNowMs } from './server-now.ts';

export const leaseSeconds = 60;
const renewEveryMs = 15_000;

interface PodKey {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Keeps a running session's undo record fresh, so that others can tell a running session from a
 * dead one. Disposing ends it, and waits for a renewal that is under way: after that nobody writes
 * the record but the caller.
 */
export class SessionLease implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(kube: Kube, key: PodKey, record: UndoRecord) {
    this.#done = this.#renew(kube, key, record);
  }

  async #renew(kube: Kube, key: PodKey, record: UndoRecord): Promise<void> {
    let written = encodeRecord(record);
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await sleep(renewEveryMs, undefined, { signal });
      } catch {
        return;
      }
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
        // A missed renewal only makes the session look dead sooner; drift has its own watch. But one
        // whose answer was lost must not be what all later ones fail on.
        written = (await readOwn(kube, key, record).catch(() => undefined)) ?? written;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

/** The session's record as it reads now, if it is there. */
async function readOwn(kube: Kube, key: PodKey, { id }: UndoRecord): Promise<string | undefined> {
  const pod = await kube.get<Pod>({ resource: 'pods', ...key });
  const found = pod && readRecord(pod);
  return found?.id === id ? pod?.metadata?.annotations?.[recordAnnotation] : undefined;
}
