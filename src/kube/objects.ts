import { collectionPath, hasNamespace, isQuestion, objectPath, typeOf } from './resources.ts';
import { sendWithRetries } from './retry.ts';
import { isOk, refusal, type Asked } from './status.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';
import type { Kube, KubeObject, ListOptions, ResourceName } from './types.ts';

const fieldManager = 'pitstop';
const pageSize = '500';

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;

/** A list as of one moment: `resourceVersion` is where a watch goes on. */
interface Page<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export interface ObjectCalls extends Pick<Kube, 'get' | 'list' | 'create' | 'patch' | 'delete'> {
  page<T>(resource: ResourceName, options: ListOptions): Promise<Page<T>>;
}

/** The unary calls of `Kube` over a transport; `timeoutMs` holds for each request. */
export function objectCalls(transport: Transport, timeoutMs: number): ObjectCalls {
  async function call(request: HttpRequest, asked: Asked): Promise<HttpAnswer> {
    const answer = await sendWithRetries(transport, { ...request, timeoutMs });
    if (!isOk(answer.status)) throw refusal(answer, asked);
    return answer;
  }

  async function page<T>(resource: ResourceName, options: ListOptions): Promise<Page<T>> {
    const { namespace, labelSelector, fieldSelector, signal } = options;
    const asked = { verb: 'list', resource, namespace };
    const items: T[] = [];
    let next: string | undefined;
    for (;;) {
      const query = { limit: pageSize, continue: next, labelSelector, fieldSelector };
      const path = collectionPath(resource, namespace);
      const answer = await sendWithRetries(transport, {
        method: 'GET',
        path,
        query,
        signal,
        timeoutMs,
      });
      if (answer.status === 410 && next !== undefined) {
        // The snapshot behind the continue token was compacted away: start over.
        items.length = 0;
        next = undefined;
        continue;
      }
      if (!isOk(answer.status)) throw refusal(answer, asked);
      const list = JSON.parse(answer.body) as ObjectList<T>;
      for (const item of list.items ?? []) items.push({ ...typeOf(resource), ...item });
      next = list.metadata?.continue || undefined;
      if (!next) return { items, resourceVersion: list.metadata?.resourceVersion ?? '' };
    }
  }

  return {
    page,
    async get<T>(reference: Parameters<Kube['get']>[0], options: Parameters<Kube['get']>[1] = {}) {
      const path = objectPath(reference);
      const { signal } = options;
      const answer = await sendWithRetries(transport, { method: 'GET', path, signal, timeoutMs });
      if (answer.status === 404) return undefined;
      if (!isOk(answer.status)) throw refusal(answer, { verb: 'get', ...reference });
      return JSON.parse(answer.body) as T;
    },
    async list<T>(resource: ResourceName, options: ListOptions = {}) {
      return (await page<T>(resource, options)).items;
    },
    async create<T>(
      resource: ResourceName,
      object: T & KubeObject,
      options: Parameters<Kube['create']>[2] = {},
    ) {
      const namespace = hasNamespace(resource) ? object.metadata?.namespace : undefined;
      const answer = await call(
        {
          method: 'POST',
          path: collectionPath(resource, namespace),
          query: { fieldManager, dryRun: options.dryRun ? 'All' : undefined },
          body: { ...typeOf(resource), ...object },
          isQuestion: isQuestion(resource) || options.dryRun,
          signal: options.signal,
        },
        { verb: 'create', resource, namespace },
      );
      return JSON.parse(answer.body) as T;
    },
    async patch<T>(...[reference, patch, options]: Parameters<Kube['patch']>) {
      const subresource = options.subresource ? `/${options.subresource}` : '';
      const answer = await call(
        {
          method: 'PATCH',
          path: objectPath(reference) + subresource,
          query: { fieldManager, dryRun: options.dryRun ? 'All' : undefined },
          body: patch,
          isQuestion: options.dryRun,
          contentType: patchTypes[options.type],
          signal: options.signal,
        },
        {
          verb: 'patch',
          resource: reference.resource + subresource,
          namespace: reference.namespace,
        },
      );
      return JSON.parse(answer.body) as T;
    },
    async delete(reference, options = {}) {
      const { uid, resourceVersion, dryRun, signal } = options;
      const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
      const body =
        Object.keys(preconditions).length > 0
          ? { apiVersion: 'v1', kind: 'DeleteOptions', preconditions }
          : undefined;
      const query = { dryRun: dryRun ? 'All' : undefined };
      await call(
        {
          method: 'DELETE',
          path: objectPath(reference),
          query,
          body,
          isQuestion: dryRun,
          signal,
        },
        { verb: 'delete', ...reference },
      );
    },
  };
}

interface ObjectList<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[];
}
