import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Kube, WatchEvent } from '../../../kube/index.ts';
import { selectorText } from '../../plan/labels.ts';
import { serviceNameLabel } from './managed-slices.ts';

/** One Service with all that is listed for it. */
export interface Picture {
  readonly service: Service | undefined;
  readonly pods: readonly Pod[];
  readonly slices: readonly EndpointSlice[];
  readonly endpoints: Endpoints | undefined;
}

export interface ServiceKey {
  readonly namespace: string;
  readonly name: string;
}

type Selector = Readonly<Record<string, string>>;

export async function readPicture(
  kube: Kube,
  { namespace, name }: ServiceKey,
  { selector, signal }: { readonly selector: Selector; readonly signal: AbortSignal },
): Promise<Picture> {
  const [service, pods, slices, endpoints] = await Promise.all([
    kube.get<Service>({ resource: 'services', namespace, name }, { signal }),
    kube.list<Pod>('pods', { namespace, labelSelector: selectorText(selector), signal }),
    kube.list<EndpointSlice>('endpointslices', {
      namespace,
      labelSelector: `${serviceNameLabel}=${name}`,
      signal,
    }),
    kube.get<Endpoints>({ resource: 'endpoints', namespace, name }, { signal }),
  ]);
  return { service, pods, slices, endpoints };
}

/** A picture that keeps up with the cluster until `signal`; `onChange` after each change of it. */
export class LivePicture {
  readonly #services = new Map<string, Service>();
  readonly #pods = new Map<string, Pod>();
  readonly #slices = new Map<string, EndpointSlice>();
  readonly #endpoints = new Map<string, Endpoints>();
  #missing = 4;
  readonly #onChange: () => void;
  /** Ends with `signal`, or rejects when a watch is refused for good. */
  readonly done: Promise<unknown>;

  constructor(
    kube: Kube,
    { namespace, name }: ServiceKey,
    options: {
      readonly selector: Selector;
      readonly signal: AbortSignal;
      readonly onChange: () => void;
    },
  ) {
    const { selector, signal } = options;
    this.#onChange = options.onChange;
    const byName = { namespace, fieldSelector: `metadata.name=${name}`, signal };
    this.done = Promise.all([
      this.#follow(kube.watch<Service>('services', byName), this.#services),
      this.#follow(kube.watch<Endpoints>('endpoints', byName), this.#endpoints),
      this.#follow(
        kube.watch<Pod>('pods', { namespace, labelSelector: selectorText(selector), signal }),
        this.#pods,
      ),
      this.#follow(
        kube.watch<EndpointSlice>('endpointslices', {
          namespace,
          labelSelector: `${serviceNameLabel}=${name}`,
          signal,
        }),
        this.#slices,
      ),
    ]);
  }

  async #follow<T extends { metadata?: { name?: string } }>(
    events: AsyncIterable<WatchEvent<T>>,
    objects: Map<string, T>,
  ): Promise<void> {
    let synced = false;
    for await (const event of events) {
      if (event.type === 'SYNCED') {
        if (!synced) this.#missing -= 1;
        synced = true;
      } else if (event.type === 'DELETED') {
        objects.delete(event.object.metadata?.name ?? '');
      } else {
        objects.set(event.object.metadata?.name ?? '', event.object);
      }
      this.#onChange();
    }
  }

  /** Undefined until every watch has told its first list. */
  get whole(): Picture | undefined {
    if (this.#missing > 0) return undefined;
    return {
      service: this.#services.values().next().value,
      pods: [...this.#pods.values()],
      slices: [...this.#slices.values()],
      endpoints: this.#endpoints.values().next().value,
    };
  }
}
