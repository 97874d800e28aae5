import { setImmediate } from 'node:timers/promises';
import type { Store } from '../../store/index.ts';
import { drained } from './drained.ts';
import { type Exchange, warningHeader } from './exchange.ts';
import type { ListOptions } from './list-options.ts';
import { pageOf } from './list-page.ts';
import { type ListText, listText } from './list-text.ts';
import type { Presentation } from './present.ts';
import type { Selection } from './selection.ts';

/** Answers with one page of a list, in the representation asked for. */
export async function sendList(
  exchange: Exchange,
  store: Store,
  presentation: Presentation,
  selection: Selection,
  options: ListOptions,
): Promise<void> {
  const page = pageOf(store, presentation.resource, selection, options);
  await exchange.visible?.();
  await streamList(exchange, listText(presentation, page));
}

/** Large enough that TLS records are full, small enough that other requests get their turn between two. */
const CHUNK_BYTES = 256 * 1024;
const CHUNK_MS = 5;

/**
 * Writes the list chunk by chunk, as fast as the client reads: what is cached is not serialised
 * again, and the loop is never blocked for long, however much there is to be made.
 */
async function streamList(exchange: Exchange, { head, items }: ListText): Promise<void> {
  const { response } = exchange;
  response.writeHead(200, {
    ...warningHeader(exchange.warnings),
    'Cache-Control': 'no-cache, private',
    'Content-Type': 'application/json',
  });
  let chunk: Buffer[] = [Buffer.from(head)];
  let size = 0;
  let end = performance.now() + CHUNK_MS;
  let isFirst = true;
  for (const parts of items) {
    if (!isFirst) chunk.push(COMMA);
    isFirst = false;
    for (const part of parts) {
      chunk.push(part);
      size += part.length;
    }
    if (size < CHUNK_BYTES && performance.now() < end) continue;
    const isFlowing = response.write(Buffer.concat(chunk));
    if (response.closed || response.destroyed) return;
    await (isFlowing ? setImmediate() : drained(response));
    chunk = [];
    size = 0;
    end = performance.now() + CHUNK_MS;
  }
  chunk.push(LIST_END);
  response.end(Buffer.concat(chunk));
}

const COMMA = Buffer.from(',');
const LIST_END = Buffer.from(']}\n');
