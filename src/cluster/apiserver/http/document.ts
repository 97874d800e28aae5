import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type Exchange, isGzipAccepted, sendBytes } from './exchange.ts';

/** Bytes that stay the same as long as the server runs: compressed and hashed once. */
export interface Document {
  readonly contentType: string;
  readonly body: Buffer;
  readonly compressed: () => Buffer;
  /** Upper-case hex of its SHA-256. */
  readonly hash: string;
}

export function documentOf(contentType: string, body: Buffer): Document {
  let compressed: Buffer | undefined;
  return {
    contentType,
    body,
    compressed: () => (compressed ??= gzipSync(body)),
    hash: createHash('sha256').update(body).digest('hex').toUpperCase(),
  };
}

export function jsonDocument(value: unknown, indent?: number): Document {
  const text = JSON.stringify(value, undefined, indent);
  return documentOf('application/json', Buffer.from(`${text}\n`));
}

/** Answers with the document, or with 304 when the client has it already. */
export function sendDocument(exchange: Exchange, document: Document): void {
  const { request, response } = exchange;
  const { body, contentType } = document;
  const etag = `"${document.hash}"`;
  response.setHeader('ETag', etag);
  response.setHeader('Vary', 'Accept');
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  const isCompressed = body.length > MIN_COMPRESSED_BYTES && isGzipAccepted(request);
  if (isCompressed) response.setHeader('Content-Encoding', 'gzip');
  sendBytes(exchange, 200, contentType, isCompressed ? document.compressed() : body);
}

const MIN_COMPRESSED_BYTES = 16 * 1024;
