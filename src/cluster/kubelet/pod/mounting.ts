import type { Pod } from 'kubernetes-types/core/v1.js';
import type { NodeContext } from './pod-context.ts';
import type { PodVolumes } from './volumes/pod-volumes.ts';
import { VolumeError } from './volumes/volume-error.ts';

/** Between attempts to set up volumes: the first, doubled each time, and the longest. */
const [RETRY_MS, RETRY_MAX_MS] = [500, 120_000];

/** Sets up a Pod's volumes, again and again until all are there; each new reason why not is an Event. */
export class Mounting {
  readonly #node: NodeContext;
  readonly #of: { readonly volumes: PodVolumes; readonly pod: () => Pod };
  #retryMs = RETRY_MS;
  #failure: string | undefined;

  constructor(node: NodeContext, of: { readonly volumes: PodVolumes; readonly pod: () => Pod }) {
    this.#node = node;
    this.#of = of;
  }

  /** When to try again, in ms; undefined when all volumes are there. */
  async setUp(): Promise<number | undefined> {
    try {
      await this.#of.volumes.setUp();
      return undefined;
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      const { message } = error;
      if (message !== this.#failure)
        this.#node.recordEvent(this.#of.pod(), { type: 'Warning', reason: 'FailedMount', message });
      this.#failure = message;
      const retryMs = this.#retryMs;
      this.#retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
      return retryMs;
    }
  }
}
