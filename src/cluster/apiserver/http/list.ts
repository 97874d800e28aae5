import { setImmediate } from 'node:timers/promises';
import { toTable } from '../../machinery/index.ts';
import type { Store } from '../../store/index.ts';
import { apiVersionOf, type Resource } from '../resources/resource.ts';
import { drained } from './drained.ts';
import { type Exchange, sendJson, warningHeader } from './exchange.ts';
import type { ListOptions } from './list-options.ts';
import { type Page, pageOf } from './list-page.ts';
import { partialMetadata, type Presentation, served, servedJson } from './present.ts';
import type { Selection } from './selection.ts';

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

/** Large enough that TLS records are full, small enough that other requests get their turn between two. */
const CHUNK_BYTES = 512 * 1024;

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
