import type { Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { podNameOf } from './touch-up.ts';

/** What is known of a Service whose slices are as they should be, but for the Pods that changed since. */
export class KnownService {
  readonly service: Service;
  /** Names of Pods. */
  readonly changed = new Set<string>();
  readonly #sliceOf = new Map<string, string>();

  constructor(service: Service, slices: Iterable<EndpointSlice>) {
    this.service = service;
    for (const { metadata, endpoints } of slices) {
      for (const endpoint of endpoints ?? []) {
        this.#sliceOf.set(podNameOf(endpoint), metadata?.name ?? '');
      }
    }
  }

  /** The name of the slice that listed the Pod when all were planned. */
  sliceOf(podName: string): string | undefined {
    return this.#sliceOf.get(podName);
  }
}
