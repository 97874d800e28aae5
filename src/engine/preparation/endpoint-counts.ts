import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Kube } from '../../kube/index.ts';
import { isListedReady, sliceService } from '../plan/traffic.ts';
import type { EndpointsSeen } from './preparation.ts';

/** Counts the ready endpoints of Services from its start on, and remembers the fewest of each. */
export class EndpointCounts implements AsyncDisposable {
  readonly #ended = new AbortController();
  readonly #slices = new Map<string, EndpointSlice>();
  readonly #seen = new Map<string, EndpointsSeen>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #done: Promise<void>;

  constructor(kube: Kube, namespace: string, services: readonly string[]) {
    this.#done = this.#follow(kube, namespace, services).catch((error: unknown) => {
      this.#ready.reject(error);
    });
  }

  /** Resolves once the Services have been counted for the first time. */
  async started(): Promise<void> {
    await this.#ready.promise;
  }

  get seen(): readonly EndpointsSeen[] {
    return [...this.#seen.values()];
  }

  async #follow(kube: Kube, namespace: string, services: readonly string[]): Promise<void> {
    const { signal } = this.#ended;
    let synced = false;
    for await (const event of kube.watch<EndpointSlice>('endpointslices', { namespace, signal })) {
      if (event.type === 'SYNCED') synced = true;
      else if (event.type === 'DELETED') this.#slices.delete(event.object.metadata?.uid ?? '');
      else this.#slices.set(event.object.metadata?.uid ?? '', event.object);
      if (!synced) continue;
      for (const service of services) this.#count(service);
      this.#ready.resolve();
    }
  }

  #count(service: string): void {
    const addresses = new Set<string>();
    for (const slice of this.#slices.values()) {
      if (sliceService(slice) !== service) continue;
      for (const endpoint of slice.endpoints ?? []) {
        if (!isListedReady(endpoint)) continue;
        for (const address of endpoint.addresses) addresses.add(address);
      }
    }
    const { size } = addresses;
    const before = this.#seen.get(service);
    this.#seen.set(service, {
      service,
      readyBefore: before?.readyBefore ?? size,
      readyLowest: Math.min(before?.readyLowest ?? size, size),
      readyAfter: size,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#done;
  }
}
