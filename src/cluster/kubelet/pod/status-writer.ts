import type { Pod, PodStatus } from 'kubernetes-types/core/v1.js';
import { isDeepStrictEqual } from 'node:util';
import { ApiError } from '../../api-error.ts';
import type { NodeContext } from './pod-context.ts';
import { differs, patchOf } from './status-patch.ts';

/** Tells the API server how one Pod is, and that it is gone. */
export class StatusWriter {
  readonly #node: Pick<NodeContext, 'api' | 'onError'>;
  /** Deleted without us, or the cluster stops: nothing is written any more. */
  #silent = false;
  #written: PodStatus | undefined;

  constructor(node: Pick<NodeContext, 'api' | 'onError'>) {
    this.#node = node;
  }

  silence(): void {
    this.#silent = true;
  }

  /** Writes the status if it differs from what was written last; returns the Pod as stored then. */
  write(pod: Pod, status: PodStatus): Pod {
    if (this.#silent || isDeepStrictEqual(status, this.#written)) return pod;
    const { namespace, name = '', uid } = pod.metadata ?? {};
    try {
      const stored = this.#node.api.patch<Pod>(
        'pods',
        { namespace, name },
        { metadata: { uid }, status: patchOf(status, pod.status) },
        { type: 'strategic', subresource: 'status', fieldManager: 'kubelet' },
      );
      this.#written = status;
      return stored;
    } catch (error) {
      if (!isGone(error)) this.#node.onError(error);
      return pod;
    }
  }

  /** Makes sure that the next status is written if somebody else has changed what is stored. */
  compare(pod: Pod, status: PodStatus): void {
    if (differs(pod.status, status)) this.#written = undefined;
  }

  /** Its containers have ended: the object may go. */
  delete(pod: Pod): void {
    if (this.#silent) return;
    const { namespace, name = '', uid = '' } = pod.metadata ?? {};
    try {
      const options = { gracePeriodSeconds: 0, preconditions: { uid } };
      this.#node.api.delete('pods', { namespace, name }, options);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

/** 404: the object is gone; 409: another of the same name has taken its place. */
function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 404 || error.code === 409);
}
