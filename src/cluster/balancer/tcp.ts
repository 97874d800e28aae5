import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { PickedEndpoint } from './choose.ts';
import { forward, type Forwarding } from './forward.ts';
import type { Listener } from './listeners.ts';
import { createReadBuffers } from './read-buffers.ts';

export interface TcpOptions {
  /** What the connections to endpoints are bound to. */
  readonly localAddress: string | undefined;
}

/** Where to listen: an address, or a server that listens already. */
type TcpPlace = { readonly host: string; readonly port: number } | Server;

/** The TCP half of the data plane: listeners and the connections that came through them. */
export interface Tcp extends Disposable {
  listen(
    place: TcpPlace,
    choose: (client: Socket) => PickedEndpoint | undefined,
  ): Promise<Listener>;
}

export function createTcp({ localAddress }: TcpOptions): Tcp {
  const buffers = createReadBuffers();
  const open = new Set<Forwarding>();

  function accept(client: Socket, picked: PickedEndpoint | undefined): void {
    if (!picked) {
      client.resetAndDestroy();
      return;
    }
    const { endpoint, counter } = picked;
    counter.opened();
    const forwarding: Forwarding = forward(client, endpoint, {
      buffers,
      localAddress,
      closed(connected) {
        if (!connected) counter.failed();
        counter.closed(forwarding.backend);
        open.delete(forwarding);
      },
    });
    counter.carries(forwarding.backend);
    open.add(forwarding);
  }

  return {
    async listen(place, choose) {
      // Paused: what the client says stays in the kernel until the endpoint has answered.
      const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
      const server = createServer(options, (client) => accept(client, choose(client)));
      server.listen('host' in place ? { ...place, backlog: BACKLOG } : place);
      if (!server.listening) await once(server, 'listening');
      return server;
    },
    [Symbol.dispose]() {
      for (const forwarding of open) forwarding.destroy();
    },
  };
}

/** As many as the kernel allows by default: a burst of connections must not wait a second for its retry. */
const BACKLOG = 4096;
