import type { Store } from '../../store/index.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { type Exchange, sendJson, warningHeader } from './exchange.ts';
import type { ListOptions } from './list-options.ts';
import { pageOf } from './list-page.ts';
import { type ListText, listText } from './list-text.ts';
import type { Presentation } from './present.ts';
import type { Selection } from './selection.ts';
import { asksForYaml } from './yaml-answer.ts';

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

/**
 * Writes the list chunk by chunk, as fast as the client reads: what is cached is not serialised
 * again, and the loop is never blocked for long, however much there is to be made.
 */
async function streamList(exchange: Exchange, { head, items }: ListText): Promise<void> {
  const { request, response } = exchange;
  if (asksForYaml(request.headers.accept)) {
    const texts = Array.from(items, (parts) => Buffer.concat([...parts]).toString());
    sendJson(exchange, 200, `${head}${texts.join(',')}]}`);
    return;
  }
  response.writeHead(200, {
    ...warningHeader(exchange.warnings),
    'Cache-Control': 'no-cache, private',
    'Content-Type': 'application/json',
  });
  const chunks = new ChunkWriter(response);
  chunks.add(Buffer.from(head));
  let isFirst = true;
  for (const parts of items) {
    if (!isFirst) chunks.add(COMMA);
    isFirst = false;
    for (const part of parts) chunks.add(part);
    if (!chunks.isDue) continue;
    await chunks.write();
    if (response.closed || response.destroyed) return;
  }
  chunks.add(LIST_END);
  chunks.end();
}

const COMMA = Buffer.from(',');
const LIST_END = Buffer.from(']}\n');
