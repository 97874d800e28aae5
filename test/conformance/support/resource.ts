import type { DeleteOptions, ListMeta, ObjectMeta, Status } from 'kubernetes-types/meta/v1.js';
import { type Api, ApiFailure, type CallOptions } from './api.ts';
import { Watching } from './watching.ts';

interface Kind {
  readonly metadata?: ObjectMeta;
}

type Filled<T, K extends string> = { readonly [P in K & keyof T]-?: NonNullable<T[P]> };

/** An object as the server returns it: what the server always fills is not optional. */
export type Stored<T> = Omit<T, 'metadata' | 'spec' | 'status'> &
  Filled<T, 'spec' | 'status'> & {
    readonly metadata: ObjectMeta & {
      readonly name: string;
      readonly uid: string;
      readonly resourceVersion: string;
    };
  };

export interface List<T> {
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly Stored<T>[];
}

type Query = NonNullable<CallOptions['query']>;

const patchTypes = {
  strategic: 'application/strategic-merge-patch+json',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** One kind at its collection: `new Resource<Pod>(api, 'v1', 'pods', 'my-namespace')`. */
export class Resource<T extends Kind> {
  readonly path: string;
  readonly #api: Api;

  constructor(api: Api, groupVersion: string, plural: string, namespace?: string) {
    const root = groupVersion.includes('/') ? '/apis' : '/api';
    const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
    this.path = `${root}/${groupVersion}${scope}/${plural}`;
    this.#api = api;
  }

  create(body: T, query: Query = {}): Promise<Stored<T>> {
    return this.#api.call('POST', this.path, { body, query });
  }

  get(name: string, subresource?: string): Promise<Stored<T>> {
    return this.#api.call('GET', this.#at(name, subresource));
  }

  /** The object, or undefined when there is none of that name. */
  find(name: string): Promise<Stored<T> | undefined> {
    return this.get(name).catch((error: unknown) => {
      if (error instanceof ApiFailure && error.code === 404) return undefined;
      throw error;
    });
  }

  list(query: Query = {}): Promise<List<T>> {
    return this.#api.call('GET', this.path, { query });
  }

  replace(body: T | Stored<T>, subresource?: string): Promise<Stored<T>> {
    return this.#api.call('PUT', this.#at(body.metadata!.name!, subresource), { body });
  }

  /** Reads, changes and writes until nobody else has written in between. */
  async update(name: string, change: (object: Stored<T>) => void): Promise<Stored<T>> {
    for (;;) {
      const object = await this.get(name);
      change(object);
      try {
        return await this.replace(object);
      } catch (error) {
        if (!(error instanceof ApiFailure && error.code === 409)) throw error;
      }
    }
  }

  patch(
    name: string,
    body: unknown,
    options: {
      readonly type?: keyof typeof patchTypes;
      readonly subresource?: string;
      readonly query?: Query;
    } = {},
  ): Promise<Stored<T>> {
    return this.#api.call('PATCH', this.#at(name, options.subresource), {
      body,
      query: options.query ?? {},
      headers: { 'content-type': patchTypes[options.type ?? 'strategic'] },
    });
  }

  delete(name: string, body?: DeleteOptions): Promise<Stored<T> | Status> {
    return this.#api.call('DELETE', this.#at(name), body ? { body } : {});
  }

  deleteCollection(query: Query, body?: DeleteOptions): Promise<List<T> | Status> {
    return this.#api.call('DELETE', this.path, { query, ...(body && { body }) });
  }

  watch(query: Query = {}): Promise<Watching<T>> {
    return Watching.open<T>(this.#api, this.path, query);
  }

  #at(name: string, subresource?: string): string {
    return `${this.path}/${name}${subresource === undefined ? '' : `/${subresource}`}`;
  }
}
