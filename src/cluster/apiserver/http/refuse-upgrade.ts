import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** For the answer to arrive before the connection goes. */
const LINGER_MS = 5000;

/** Answers in place of an upgrade and ends the connection; without a type, no content is named. */
export function refuseUpgrade(
  socket: Duplex,
  { code, type, body }: { readonly code: number; readonly type?: string; readonly body: string },
): void {
  if (socket.destroyed) return;
  const typeLine = type === undefined ? '' : `Content-Type: ${type}\r\n`;
  // Nobody reads it any more, and unread it would stay open after its client has gone.
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}\r\n${typeLine}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
