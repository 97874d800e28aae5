import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createDeflateRaw, createGunzip, createGzip, createInflateRaw } from 'node:zlib';
import { ApiError } from '../../api-error.ts';
import type { Exchange } from '../http/exchange.ts';
import { type Destination, hostOf, unavailable } from './destination.ts';
import { dialError } from './dial-error.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { rewriteHtml } from './rewrite-html.ts';
import { type Page, rewriteUrl } from './rewrite-url.ts';

/** As long as upstream's dialer waits. */
const CONNECT_TIMEOUT_MS = 30_000;

export interface Forwarding {
  readonly destination: Destination;
  /** What the client's path has before the part that is the Pod's. */
  readonly prefix: string;
  /** The Pod's part, `/` at least. */
  readonly path: string;
}

/** Passes a request on and its answer back, links and redirects rewritten. Throws 503. */
export async function forward(
  { request, response, url }: Exchange,
  { destination, prefix, path }: Forwarding,
): Promise<void> {
  const open = destination.scheme === 'https' ? httpsRequest : httpRequest;
  const port = portOf(destination);
  const asked = open({
    host: destination.address,
    port,
    agent: false,
    method: request.method,
    path: `${path}${url.search}`,
    headers: {
      ...requestHeaders(request),
      'x-forwarded-uri': posix.join('/', prefix, path),
      connection: 'close',
    },
    // Upstream trusts whatever a Pod shows: it is the network that says who it is.
    rejectUnauthorized: false,
  });
  const connecting = setTimeout(
    () => asked.destroy(new Error(`dial tcp ${destination.address}:${port}: i/o timeout`)),
    CONNECT_TIMEOUT_MS,
  );
  asked.once('socket', (socket) => socket.once('connect', () => clearTimeout(connecting)));
  response.once('close', () => asked.destroy());
  // An answer may come before the whole body has been read; then nobody needs the rest of it.
  request.on('error', () => asked.destroy());
  request.pipe(asked);
  let answer: IncomingMessage;
  try {
    answer = await answerTo(asked);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw unavailable(`error trying to reach service: ${dialError(error, destination)}`);
  } finally {
    clearTimeout(connecting);
  }
  const requestHost = request.headers.host ?? '';
  await sendAnswer(answer, response, { host: hostOf(destination), requestHost, prefix });
}

function answerTo(asked: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  asked.once('response', (answer) => {
    // Before anything is awaited: what is broken behind the head is told in the same turn as the head.
    asked.on('error', () => answer.destroy());
    resolve(answer);
  });
  asked.once('upgrade', ({ headers }: IncomingMessage, socket) => {
    socket.destroy();
    const to = JSON.stringify(headers.upgrade ?? '');
    reject(new ApiError(500, '', `backend tried to switch protocol ${to} when "" was requested`));
  });
  asked.on('error', reject);
  return promise;
}

export function portOf({ scheme, port }: Destination): number {
  if (/^\d+$/.test(port) && Number(port) < 65_536) return Number(port);
  if (port === '') return scheme === 'https' ? 443 : 80;
  const why = /^\d+$/.test(port) ? 'invalid port' : `lookup tcp/${port}: unknown port`;
  throw unavailable(`error trying to reach service: dial tcp: ${why}`);
}

async function sendAnswer(
  answer: IncomingMessage,
  response: Exchange['response'],
  page: Page,
): Promise<void> {
  const { location, 'content-type': contentType = '' } = answer.headers;
  const encoding = answer.headers['content-encoding'] ?? '';
  const isPage =
    !location && contentType.split(';', 1)[0]?.trim() === 'text/html' && CODINGS.has(encoding);
  const headers = responseHeaders(answer.headers);
  if (location) headers['location'] = rewriteUrl(location, page);
  const hasBody = response.req.method !== 'HEAD';
  if (isPage && hasBody) delete headers['content-length'];
  response.writeHead(answer.statusCode ?? 502, headers);
  response.flushHeaders();
  // Cut short on either side: the other side must see that too.
  await (isPage && hasBody ? pipePage(answer, response, page) : pipeline(answer, response)).catch(
    () => response.destroy(),
  );
}

const CODINGS: ReadonlySet<string> = new Set(['', 'gzip', 'deflate']);

/** The body, decoded, with its links rewritten, and coded again. */
function pipePage(
  answer: IncomingMessage,
  response: Exchange['response'],
  page: Page,
): Promise<void> {
  const links = (body: AsyncIterable<Buffer>) => rewriteHtml(body, (url) => rewriteUrl(url, page));
  const coding = answer.headers['content-encoding'];
  if (coding === 'gzip') return pipeline(answer, createGunzip(), links, createGzip(), response);
  if (coding === 'deflate')
    return pipeline(answer, createInflateRaw(), links, createDeflateRaw(), response);
  return pipeline(answer, links, response);
}
