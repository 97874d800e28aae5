import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** The subprotocols that the client of a WebSocket names, its favourite first. */
export function offeredBy(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** For the answer to arrive before the connection goes. */
const LINGER_MS = 5000;

/** Answers in place of an upgrade, in plain text, and ends the connection. */
export function refusePlainly(
  socket: Duplex,
  { code, message }: { readonly code: number; readonly message: string },
): void {
  if (socket.destroyed) return;
  const type = message ? 'Content-Type: text/plain; charset=utf-8\r\n' : '';
  // Unread it would stay open after its client has gone.
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}\r\n${type}Content-Length: ${Buffer.byteLength(message)}\r\nConnection: close\r\n\r\n${message}`,
  );
}
