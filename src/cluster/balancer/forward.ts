import { connect, type Socket } from 'node:net';
import type { Endpoint } from './endpoints.ts';

export interface Forwarding {
  readonly client: Socket;
  readonly backend: Socket;
}

/**
 * Joins an accepted connection with a new one to `endpoint`, for as long as either lives: each side's
 * end is passed on alone, a reset or a failed connect resets the other side, as the kernel's own
 * address translation would show it.
 */
export function forward(
  client: Socket,
  endpoint: Endpoint,
  options: {
    readonly localAddress: string | undefined;
    readonly connected: () => void;
    readonly closed: () => void;
  },
): Forwarding {
  const backend = connect({
    host: endpoint.address,
    port: endpoint.port,
    ...(options.localAddress !== undefined && { localAddress: options.localAddress }),
    allowHalfOpen: true,
    noDelay: true,
  });
  backend.once('connect', options.connected);
  pour(client, backend);
  pour(backend, client);
  let open = 2;
  const oneClosed = () => {
    open -= 1;
    if (open === 0) options.closed();
  };
  client.once('close', oneClosed);
  backend.once('close', oneClosed);
  return { client, backend };
}

// `data` and `drain` by hand: half the work of pipe(), which also unpipes, re-emits and counts.
function pour(from: Socket, to: Socket): void {
  from.on('data', (chunk) => {
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('error', () => to.resetAndDestroy());
  from.on('close', () => {
    if (!from.readableEnded) to.destroy();
  });
}
