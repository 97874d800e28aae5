import { connect, Socket } from 'node:net';
import type { Endpoint } from './endpoints.ts';
import { Pipe } from './pipe.ts';
import type { ReadBuffers } from './read-buffers.ts';

/** One connection through the balancer, from the moment an endpoint was chosen until both ends closed. */
export interface Forwarding {
  readonly backend: Socket;
  /** Ends both sides at once. */
  destroy(): void;
}

interface ForwardOptions {
  readonly buffers: ReadBuffers;
  readonly localAddress: string | undefined;
  /** `connected` tells whether the endpoint ever answered. */
  readonly closed: (connected: boolean) => void;
}

/**
 * Joins an accepted connection with a new one to `endpoint`, for as long as either lives: each side's
 * end is passed on alone, a reset or a failed connect resets the other side, as the kernel's own
 * address translation would show it. `accepted` must be paused (`pauseOnConnect`), and belongs to
 * this function from then on.
 */
export function forward(
  accepted: Socket,
  endpoint: Endpoint,
  { buffers, localAddress, closed }: ForwardOptions,
): Forwarding {
  const toClient = new Pipe(buffers);
  let client = accepted;
  let toEndpoint: Pipe | undefined;
  let open = 2;
  const oneClosed = () => {
    open -= 1;
    if (open > 0) return;
    // Not before: a write that is under way may still read from the other's buffer.
    toEndpoint?.release();
    toClient.release();
    closed(toEndpoint !== undefined);
  };
  const backend = connect({
    host: endpoint.address,
    port: endpoint.port,
    ...(localAddress !== undefined && { localAddress }),
    allowHalfOpen: true,
    noDelay: true,
    onread: toClient.onread,
  });
  const failed = () => void accepted.resetAndDestroy();
  backend.once('error', failed);
  accepted.once('close', oneClosed);
  backend.once('close', oneClosed);
  // What the client says is read only now: it would have to wait in our memory instead of the kernel's.
  backend.once('connect', () => {
    backend.off('error', failed);
    accepted.off('close', oneClosed);
    toEndpoint = new Pipe(buffers);
    client = adopt(accepted, toEndpoint);
    client.once('close', oneClosed);
    toEndpoint.join(client, backend);
    toClient.join(backend, client);
  });
  return {
    backend,
    destroy() {
      client.destroy();
      backend.destroy();
    },
  };
}

// `onread` is public for connections that we open. For one that a server has accepted, its handle
// gets a second Socket, which asks for it the same way.
function adopt(accepted: Socket, pipe: Pipe): Socket {
  const options = { handle: (accepted as unknown as { _handle: object })._handle };
  return new Socket({ ...options, allowHalfOpen: true, onread: pipe.onread } as object);
}
