import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { ApiError } from '../../api-error.ts';
import { type Destination, hostOf } from './destination.ts';
import { dialError } from './dial-error.ts';
import { type Forwarding, portOf } from './forward.ts';
import { requestHeaders } from './headers.ts';

const CONNECT_TIMEOUT_MS = 30_000;

/** Passes an upgrade on, and then every byte both ways until one side ends. Throws 500 as upstream. */
export async function forwardUpgrade(
  from: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  to: Forwarding & { readonly search: string },
): Promise<void> {
  const { request, socket, head } = from;
  const backend = await dial(to.destination);
  const close = () => {
    backend.destroy();
    socket.destroy();
  };
  backend.on('error', close);
  socket.on('error', close);
  backend.once('close', () => socket.end());
  socket.once('close', close);
  const headers = {
    ...requestHeaders(request),
    connection: request.headers.connection,
    upgrade: request.headers.upgrade,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).map((one) => `${name}: ${one}\r\n`),
  );
  backend.write(`${request.method} ${to.path}${to.search} HTTP/1.1\r\n${lines.join('')}\r\n`);
  if (head.length > 0) backend.write(head);
  socket.pipe(backend);
  backend.pipe(socket);
}

async function dial(destination: Destination): Promise<Socket> {
  const options = {
    host: destination.address,
    port: portOf(destination),
    timeout: CONNECT_TIMEOUT_MS,
  };
  const isTls = destination.scheme === 'https';
  const socket = isTls
    ? connectTls({ ...options, rejectUnauthorized: false })
    : connectTcp(options);
  const giveUp = () => socket.destroy(new Error(`dial tcp ${hostOf(destination)}: i/o timeout`));
  socket.once('timeout', giveUp);
  try {
    await once(socket, isTls ? 'secureConnect' : 'connect');
  } catch (error) {
    throw new ApiError(500, '', `error dialing backend: ${dialError(error, destination)}`);
  }
  socket.off('timeout', giveUp);
  socket.setTimeout(0);
  return socket;
}
