import type { Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { PitstopError } from '../errors.ts';
import { endpointsOf, takesTraffic } from '../plan/traffic.ts';
import type { Stop } from './stop.ts';

const timeoutMs = 30_000;

/**
 * Follows which slices of the namespace offer the Pod, from before the isolating write on: when it
 * is done, the news is on its way already. Disposing ends the watch.
 */
export class SliceWatch implements AsyncDisposable {
  readonly #stop: Stop;
  readonly #pod: Pod;
  readonly #ended = new AbortController();
  readonly #listing = new Map<string, string>();
  readonly #done: Promise<void>;
  #synced = false;
  readonly #slices = new Map<string, EndpointSlice>();
  readonly #check: (slices: readonly EndpointSlice[]) => void;
  #failure: { readonly error: unknown } | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  /** `check` is shown every slice whenever none offers the Pod; it may throw. */
  constructor(stop: Stop, pod: Pod, check: (slices: readonly EndpointSlice[]) => void) {
    this.#stop = stop;
    this.#check = check;
    this.#pod = pod;
    this.#done = this.#follow().catch((error: unknown) => {
      this.#failure = { error };
      this.#waiting?.resolve();
    });
  }

  /** Resolves as soon as no slice offers the Pod. Throws `isolation-unproven` after 30 s. */
  async letGo(): Promise<void> {
    const { namespace, signal } = this.#stop;
    const timeout = AbortSignal.timeout(timeoutMs);
    const either = AbortSignal.any([signal, timeout]);
    const wake = () => this.#waiting?.resolve();
    either.addEventListener('abort', wake);
    try {
      while (!this.#synced || this.#listing.size > 0) {
        if (this.#failure) throw this.#failure.error;
        signal.throwIfAborted();
        if (timeout.aborted) {
          throw this.#synced
            ? this.#unproven([...this.#listing.values()], `after ${timeoutMs / 1000} s`)
            : new PitstopError(
                'cluster',
                `the server did not list the endpointslices of namespace ${namespace} within ${timeoutMs / 1000} s`,
              );
        }
        this.#waiting = Promise.withResolvers();
        await this.#waiting.promise;
      }
      this.#check([...this.#slices.values()]);
    } finally {
      either.removeEventListener('abort', wake);
    }
  }

  /** Asks the server anew, so that a watch which has gone silent proves nothing. */
  async confirm(): Promise<void> {
    const { kube, namespace, signal } = this.#stop;
    const slices = await kube.list<EndpointSlice>('endpointslices', { namespace, signal });
    const listing = slices.filter((slice) => this.#offers(slice));
    if (listing.length === 0) {
      this.#check(slices);
      return;
    }
    throw this.#unproven(
      listing.map(({ metadata }) => metadata?.name ?? ''),
      'again',
    );
  }

  #unproven(slices: readonly string[], when: string): PitstopError {
    const { namespace, name } = this.#stop;
    return new PitstopError(
      'isolation-unproven',
      `pod ${namespace}/${name}: still listed by endpointslice ${slices.join(', ')} ${when}`,
      { hint: `kubectl get endpointslices -n ${namespace} -o yaml` },
    );
  }

  #offers(slice: EndpointSlice): boolean {
    return endpointsOf(slice, this.#pod).some(takesTraffic);
  }

  async #follow(): Promise<void> {
    const { kube, namespace } = this.#stop;
    const { signal } = this.#ended;
    for await (const event of kube.watch<EndpointSlice>('endpointslices', { namespace, signal })) {
      if (event.type === 'SYNCED') this.#synced = true;
      else {
        const { uid = '', name = '' } = event.object.metadata ?? {};
        if (event.type === 'DELETED') this.#slices.delete(uid);
        else this.#slices.set(uid, event.object);
        if (event.type !== 'DELETED' && this.#offers(event.object)) this.#listing.set(uid, name);
        else this.#listing.delete(uid);
      }
      if (this.#synced && this.#listing.size === 0) this.#waiting?.resolve();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#done;
  }
}
