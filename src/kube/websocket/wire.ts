import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Credentials } from '../kubeconfig.ts';
import { withoutUndefined } from '../transport.ts';

/** TLS gives no more than a record at once, which is 16 KiB. */
const bufferBytes = 64 * 1024;

/** A connection whose bytes go to whoever is to have them, in memory that is used again. */
export interface Wire {
  readonly socket: Socket;
  /** Who takes bytes, once HTTP is done with them; false pauses the socket. */
  take: ((bytes: Buffer) => boolean) | undefined;
}

/**
 * Connects to a server. Everything is received into one buffer: of a new one for each 16 KiB, which is
 * what streams do, a large file leaves more garbage than it has bytes.
 */
export function dial(server: URL, tls: Credentials['tls']): Wire {
  const buffer = Buffer.allocUnsafeSlow(bufferBytes);
  const onread = { buffer, callback: (length: number) => give(wire, buffer.subarray(0, length)) };
  const isTls = server.protocol === 'https:';
  const host = server.hostname.replace(/^\[|\]$/g, '');
  const options = { host, port: Number(server.port || (isTls ? 443 : 80)), onread };
  const socket = isTls
    ? connectTls({
        ...options,
        ...(isIP(host) ? {} : { servername: host }),
        ...withoutUndefined(tls),
      })
    : connectTcp(options);
  socket.setNoDelay(true);
  const wire: Wire = { socket, take: undefined };
  return wire;
}

function give({ socket, take }: Wire, bytes: Buffer): boolean {
  if (take) return take(bytes);
  // Until the upgrade it is node:http's, which may keep it.
  socket.emit('data', Buffer.from(bytes));
  return true;
}
