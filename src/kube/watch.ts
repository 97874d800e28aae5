import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { KubeError } from './errors.ts';
import type { ObjectCalls } from './objects.ts';
import { collectionPath } from './resources.ts';
import { backOffMs, sleepUnlessAborted } from './retry.ts';
import { isOk, networkError, refusal } from './status.ts';
import type { Transport } from './transport.ts';
import type { KubeObject, ListOptions, ResourceName, WatchEvent } from './types.ts';

interface WatchRequest extends ListOptions {
  readonly transport: Transport;
  readonly objects: Pick<ObjectCalls, 'page'>;
  readonly resource: ResourceName;
  readonly signal: AbortSignal;
}

/** `Kube.watch`: list, then changes, for as long as `signal` lets it. */
export async function* watch<T>(request: WatchRequest): AsyncGenerator<WatchEvent<T>> {
  const known = new Map<string, T & KubeObject>();
  let resourceVersion: string | undefined;
  let failures = 0;
  while (!request.signal.aborted) {
    const startedAt = performance.now();
    try {
      if (resourceVersion === undefined) {
        const page = await request.objects.page<T & KubeObject>(request.resource, request);
        resourceVersion = page.resourceVersion;
        yield* difference(known, page.items);
        yield { type: 'SYNCED' };
      }
      for await (const event of changes<T & KubeObject>(request, resourceVersion)) {
        failures = 0;
        resourceVersion = event.object.metadata?.resourceVersion ?? resourceVersion;
        if (event.type === 'BOOKMARK') continue;
        remember(known, event.type, event.object);
        yield { type: event.type, object: event.object };
      }
    } catch (error) {
      if (request.signal.aborted) return;
      if (isExpired(error)) resourceVersion = undefined;
      else if (!isPassing(error)) throw error;
      failures += 1;
    }
    // A server (or a proxy before it) that ends every watch at once must not be asked in a tight loop.
    if (failures === 0 && performance.now() - startedAt < 1000) failures = 1;
    if (failures > 0) await pause(backOffMs(failures), request.signal);
  }
}

type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';
type Change<T> = { readonly type: ChangeType | 'BOOKMARK'; readonly object: T };

interface RawEvent {
  readonly type: string;
  readonly object: KubeObject & { readonly code?: number; readonly message?: string };
}

/** One watch request, read to its end; a 410 in either form is thrown as HTTP status 410. */
async function* changes<T>(
  request: WatchRequest,
  resourceVersion: string,
): AsyncGenerator<Change<T>> {
  const { transport, resource, namespace, labelSelector, fieldSelector } = request;
  // Ends the request with the generator, whatever ends that: break, throw, or the caller's signal.
  const ended = new AbortController();
  const signal = AbortSignal.any([request.signal, ended.signal]);
  try {
    const response = await transport.open({
      method: 'GET',
      path: collectionPath(resource, namespace),
      query: {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion,
        // client-go spreads 5–10 min, so that not all watches of a cluster reconnect at once.
        timeoutSeconds: String(300 + Math.floor(Math.random() * 300)),
        labelSelector,
        fieldSelector,
      },
      signal,
    });
    if (!isOk(response.statusCode ?? 0)) {
      const answer = {
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: await text(response),
      };
      throw refusal(answer, { verb: 'watch', resource, namespace });
    }
    // A laptop that slept, a NAT that forgot: the kernel finds out, and the read below fails.
    response.socket.setKeepAlive(true, 15_000);
    for await (const line of lines(response)) yield parse<T>(line);
  } catch (error) {
    throw networkError(error, 'http://the-watch', request.signal);
  } finally {
    ended.abort();
  }
}

function parse<T>(line: string): Change<T> {
  const event = JSON.parse(line) as RawEvent;
  if (event.type === 'ERROR') {
    const { code = 500, message = 'the watch failed' } = event.object;
    throw new KubeError('server-error', message, { status: code });
  }
  return event as unknown as Change<T>;
}

async function* lines(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const chunk of response as AsyncIterable<string>) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part.trim() !== '') yield part;
  }
}

/** What a relist tells against what was known: vanished and replaced objects come as DELETED. */
export function* difference<T extends KubeObject>(
  known: Map<string, T>,
  items: readonly T[],
): Generator<WatchEvent<T>> {
  const listed = new Map(items.map((item) => [keyOf(item), item]));
  for (const [key, before] of known) {
    const now = listed.get(key);
    if (now?.metadata?.uid === before.metadata?.uid) continue;
    known.delete(key);
    yield { type: 'DELETED', object: before };
  }
  for (const [key, now] of listed) {
    const before = known.get(key);
    known.set(key, now);
    if (!before) yield { type: 'ADDED', object: now };
    else if (before.metadata?.resourceVersion !== now.metadata?.resourceVersion) {
      yield { type: 'MODIFIED', object: now };
    }
  }
}

function remember<T extends KubeObject>(known: Map<string, T>, type: ChangeType, object: T): void {
  if (type === 'DELETED') known.delete(keyOf(object));
  else known.set(keyOf(object), object);
}

function keyOf(object: KubeObject): string {
  return `${object.metadata?.namespace ?? ''}/${object.metadata?.name ?? ''}`;
}

function isExpired(error: unknown): boolean {
  return error instanceof KubeError && error.status === 410;
}

function isPassing(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  return (
    error instanceof KubeError &&
    ['unreachable', 'timeout', 'too-many-requests', 'server-error'].includes(error.code)
  );
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleepUnlessAborted(ms, signal);
  } catch {
    // The loop ends by itself on an aborted signal.
  }
}
