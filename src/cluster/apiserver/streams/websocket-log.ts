import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { offeredBy, refusePlainly } from './handshake.ts';

const BASE64 = 'base64.binary.k8s.io';
const PROTOCOLS = ['binary.k8s.io', BASE64];

const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (offered) => [...offered].find((name) => PROTOCOLS.includes(name)) ?? false,
});

export interface LogUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Sends a log as the messages of a WebSocket, one way; resolves when either side has closed. */
export async function serveWebSocketLog(
  { request, socket, head }: LogUpgrade,
  lines: Readable,
): Promise<void> {
  const offered = offeredBy(request);
  if (offered.length > 0 && !offered.some((name) => PROTOCOLS.includes(name))) {
    lines.destroy();
    refusePlainly(socket, { code: 403, message: '' });
    return;
  }
  const { promise, resolve } = Promise.withResolvers<WebSocket>();
  // A handshake that is refused ends the connection and calls nobody back.
  socket.once('close', () => lines.destroy());
  server.handleUpgrade(request, socket, head, (webSocket) => {
    // A frame that is none: `ws` closes the connection.
    webSocket.on('error', () => {});
    resolve(webSocket);
  });
  const opened = await promise;
  const send = (data: Buffer) => sendWhole(opened, data);
  try {
    // As upstream: an empty message tells that the log is open.
    await send(Buffer.alloc(0));
    for await (const chunk of lines as AsyncIterable<Buffer>) await send(Buffer.from(chunk));
  } catch {
    // The client left, or the log was cut: the close says so.
  }
  opened.close(1000);
}

/** No faster than the client reads. */
function sendWhole(socket: WebSocket, data: Buffer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const message = socket.protocol === BASE64 ? data.toString('base64') : data;
  socket.send(message, (error) => (error ? reject(error) : resolve()));
  return promise;
}
