import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { refuseUpgrade } from '../http/refuse-upgrade.ts';

/** The subprotocols that the client of a WebSocket names, its favourite first. */
export function offeredBy(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Answers in place of an upgrade, in plain text, and ends the connection. */
export function refusePlainly(
  socket: Duplex,
  { code, message: body }: { readonly code: number; readonly message: string },
): void {
  refuseUpgrade(socket, { code, body, ...(body && { type: 'text/plain; charset=utf-8' }) });
}
