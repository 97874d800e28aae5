import { setTimeout as sleep } from 'node:timers/promises';
import type { Kube } from '../../kube/index.ts';
import { recordAnnotation } from '../annotations.ts';
import { encodeRecord, type UndoRecord } from './record.ts';

export const leaseSeconds = 60;
const renewEveryMs = 15_000;

/**
 * Keeps a running session's undo record fresh, so that others can tell a running session from a
 * dead one. Disposing ends it, and waits for a renewal that is under way: after that nobody writes
 * the record but the caller.
 */
export class SessionLease implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(
    kube: Kube,
    key: { readonly namespace: string; readonly name: string },
    record: UndoRecord,
  ) {
    this.#done = this.#renew(kube, key, record);
  }

  async #renew(
    kube: Kube,
    key: { readonly namespace: string; readonly name: string },
    record: UndoRecord,
  ): Promise<void> {
    let written = encodeRecord(record);
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await sleep(renewEveryMs, undefined, { signal });
      } catch {
        return;
      }
      const renewed = encodeRecord({ ...record, renewedAt: new Date().toISOString() });
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
        // A missed renewal only makes the session look dead sooner; drift has its own watch.
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}
