import { setImmediate } from 'node:timers/promises';
import { toTable } from '../../machinery/index.ts';
import type { Entry, Store } from '../../store/index.ts';
import { apiVersionOf, type Resource } from '../resources/resource.ts';
import { badRequest, expired, futureRevision } from '../words.ts';
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts';
import { drained } from './drained.ts';
import { type Exchange, sendJson, warningHeader } from './exchange.ts';
import type { ListOptions } from './list-options.ts';
import { partialMetadata, type Presentation, served, servedJson } from './present.ts';
import type { Selection } from './selection.ts';

/** One page of a list: what is on it, and how to come by the next. */
interface Page {
  readonly entries: readonly Entry[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

export async function sendList(
  exchange: Exchange,
  store: Store,
  presentation: Presentation,
  selection: Selection,
  options: ListOptions,
): Promise<void> {
  const page = pageOf(store, presentation.resource, selection, options);
  if (presentation.representation === 'object') {
    await streamList(exchange, presentation.resource, page);
  } else {
    sendJson(exchange, 200, `${JSON.stringify(presentPage(presentation, page))}\n`);
  }
}

function presentPage(
  { resource, representation, includeObject }: Presentation,
  page: Page,
): object {
  const objects = page.entries.map(({ object }) => served(resource, object));
  if (representation === 'Table') {
    const table = toTable(resource, objects, { includeObject, now: new Date() });
    return { ...table, metadata: page.metadata };
  }
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    metadata: page.metadata,
    items: objects.map(partialMetadata),
  };
}

/** Throws 410 when the state asked for is compacted, 504 when it lies in the future. */
function pageOf(
  store: Store,
  resource: Resource,
  selection: Selection,
  options: ListOptions,
): Page {
  const prefix = selection.namespace ? `${selection.namespace}/` : '';
  const { revision, start, entries } = stateOf(store, resource, selection, options);
  const from = start === '' ? 0 : entries.findIndex(({ key }) => key >= prefix + start.slice(1));
  const matching = (from < 0 ? [] : entries.slice(from)).filter(({ object }) =>
    selection.matches(object),
  );
  const resourceVersion = String(revision);
  if (options.limit <= 0 || matching.length <= options.limit) {
    return { entries: matching, metadata: { resourceVersion } };
  }
  const shown = matching.slice(0, options.limit);
  const next = `/${shown.at(-1)!.key.slice(prefix.length)}\0`;
  return {
    entries: shown,
    metadata: {
      resourceVersion,
      continue: encodeContinueToken({ revision, start: next }),
      ...(!selection.isFiltered && { remainingItemCount: matching.length - shown.length }),
    },
  };
}

interface State {
  readonly revision: number;
  readonly start: string;
  readonly entries: readonly Entry[];
}

function stateOf(
  store: Store,
  resource: Resource,
  { namespace }: Selection,
  options: ListOptions,
): State {
  const collection = store.collection(resource.plural);
  const { resourceVersion, resourceVersionMatch: match } = options;
  if (options.continue !== '') {
    if (resourceVersion !== '' && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const { revision, start } = decodeContinueToken(options.continue);
    if (revision < 0)
      return { revision: store.revision, start, entries: collection.entries(namespace) };
    const entries = collection.entriesAt(revision, namespace);
    if (!entries) throw expiredToken(start);
    return { revision, start, entries };
  }
  const requested = Number(resourceVersion);
  if (requested > store.revision) throw futureRevision(requested, store.revision);
  const isExact = match === 'Exact' || (match === '' && options.limit > 0 && requested > 0);
  if (!isExact)
    return { revision: store.revision, start: '', entries: collection.entries(namespace) };
  const entries = collection.entriesAt(requested, namespace);
  if (!entries) throw expired('The resourceVersion for the provided list is too old.');
  return { revision: requested, start: '', entries };
}

/** The token in the answer goes on from the same key in whatever state there is by then. */
function expiredToken(start: string): Error {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  Object.assign(error.status.metadata ?? {}, {
    continue: encodeContinueToken({ revision: -1, start }),
  });
  return error;
}

/** Large enough that TLS records are full, small enough that other requests get their turn between two. */
const CHUNK_BYTES = 256 * 1024;

/** Writes the list from the cached JSON of its objects, chunk by chunk: nothing is serialised twice and the loop is never blocked for long. */
async function streamList(exchange: Exchange, resource: Resource, page: Page): Promise<void> {
  const { response } = exchange;
  response.writeHead(200, {
    ...warningHeader(exchange.warnings),
    'Cache-Control': 'no-cache, private',
    'Content-Type': 'application/json',
  });
  const head = `{"kind":"${resource.kind}List","apiVersion":"${apiVersionOf(resource)}","metadata":${JSON.stringify(page.metadata)},"items":[`;
  // Items of a list go without kind and apiVersion, which stand first in an object's JSON.
  const typeMetaLength = `{"kind":"${resource.kind}","apiVersion":"${apiVersionOf(resource)}",`
    .length;
  let chunk: Buffer[] = [Buffer.from(head)];
  let size = 0;
  for (const [index, entry] of page.entries.entries()) {
    const json = servedJson(resource, entry);
    chunk.push(index === 0 ? FIRST_ITEM : NEXT_ITEM, json.subarray(typeMetaLength));
    size += json.length;
    if (size < CHUNK_BYTES) continue;
    const isFlowing = response.write(Buffer.concat(chunk));
    chunk = [];
    size = 0;
    if (response.closed || response.destroyed) return;
    await (isFlowing ? setImmediate() : drained(response));
  }
  chunk.push(LIST_END);
  response.end(Buffer.concat(chunk));
}

const FIRST_ITEM = Buffer.from('{');
const NEXT_ITEM = Buffer.from(',{');
const LIST_END = Buffer.from(']}\n');
