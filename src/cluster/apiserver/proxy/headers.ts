import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/** RFC 9110 §7.6.1: between two neighbours only. */
const HOP_BY_HOP = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A browser's page is the API server's, not the Pod's. */
const CORS = new Set([
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
]);

/** What a Pod is told of a request: all of it, but nothing of who the client is to the API server. */
export function requestHeaders(request: IncomingMessage): OutgoingHttpHeaders {
  const { headers, socket } = request;
  const kept = passed(
    headers,
    (name) => name === 'authorization' || name.startsWith('impersonate-'),
  );
  const before = headers['x-forwarded-for'];
  const client = socket.remoteAddress ?? '';
  return {
    ...kept,
    // A body of unknown length stays one, also for methods that rarely have one.
    ...(headers['transfer-encoding'] && { 'transfer-encoding': 'chunked' }),
    'x-forwarded-for': before ? `${String(before)}, ${client}` : client,
  };
}

export function responseHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return {
    ...(!headers['cache-control'] && { 'cache-control': 'no-cache, private' }),
    ...passed(headers, (name) => CORS.has(name)),
  };
}

function passed(
  headers: IncomingHttpHeaders,
  isDropped: (name: string) => boolean,
): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !HOP_BY_HOP.has(name) && !named.includes(name) && !isDropped(name),
    ),
  );
}
