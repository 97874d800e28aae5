import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout, clearTimeout } from 'node:timers';
import type { PickedEndpoint } from './choose.ts';
import type { Endpoint } from './endpoints.ts';
import type { Listener } from './listeners.ts';
import { createUdpFlow, type UdpFlow } from './udp-flow.ts';

/** Where to listen: an address, or a socket that is bound already. */
type UdpPlace = { readonly host: string; readonly port: number } | Socket;

interface UdpOptions {
  readonly localAddress: string | undefined;
  /** How long a flow is remembered: without an answer yet, and with one. Defaults as Linux' conntrack. */
  readonly idleMs?: { readonly unanswered: number; readonly answered: number };
}

interface UdpHandlers {
  readonly choose: (clientAddress: string) => PickedEndpoint | undefined;
  /** All that are listed; the same array until it changes. */
  readonly endpoints: () => readonly Endpoint[];
}

/** The UDP half of the data plane: what one client address and port sends stays with one endpoint. */
export interface Udp extends Disposable {
  listen(place: UdpPlace, handlers: UdpHandlers): Promise<Listener>;
}

export function createUdp({ localAddress, idleMs = CONNTRACK }: UdpOptions): Udp {
  const listeners = new Set<Listener>();

  function serve(socket: Socket, { choose, endpoints }: UdpHandlers): Listener {
    const flows = new Map<string, UdpFlow>();
    let sweep: NodeJS.Timeout | undefined;

    let listed: readonly Endpoint[] = [];
    let serving: ReadonlySet<string> = new Set();
    function serves({ name }: Endpoint): boolean {
      if (listed !== endpoints()) {
        listed = endpoints();
        serving = new Set(listed.filter((each) => each.serving).map((each) => each.name));
      }
      return serving.has(name);
    }

    socket.on('message', (datagram, { address, port }) => {
      const key = `${address}:${port}`;
      let flow = flows.get(key);
      // As kube-proxy, which deletes the conntrack entries of an endpoint that serves no more.
      if (flow && !serves(flow.endpoint)) flow = drop(key, flow);
      if (!flow) {
        const picked = choose(address);
        if (!picked) return;
        flow = createUdpFlow(picked, {
          localAddress,
          answer: (answer) => socket.send(answer, port, address, () => {}),
          failed: () => drop(key, flow),
        });
        if (flows.size >= MAX_FLOWS) dropOldest();
        flows.set(key, flow);
        sweep ??= setTimeout(forgetIdle, SWEEP_MS).unref();
      }
      flow.send(datagram);
    });
    socket.on('error', () => {});

    function drop(key: string, flow: UdpFlow | undefined): undefined {
      if (flow && flows.get(key) === flow) flows.delete(key);
      flow?.close();
    }

    function dropOldest(): void {
      for (const [key, flow] of flows) {
        drop(key, flow);
        return;
      }
    }

    function forgetIdle(): void {
      for (const [key, flow] of flows) {
        const limit = flow.isAnswered() ? idleMs.answered : idleMs.unanswered;
        if (flow.idleMs() >= limit) drop(key, flow);
      }
      sweep = flows.size > 0 ? setTimeout(forgetIdle, SWEEP_MS).unref() : undefined;
    }

    const listener: Listener = {
      close() {
        listeners.delete(listener);
        clearTimeout(sweep);
        for (const [key, flow] of flows) drop(key, flow);
        socket.close();
      },
    };
    listeners.add(listener);
    return listener;
  }

  return {
    async listen(place, handlers) {
      if (!('host' in place)) return serve(place, handlers);
      const socket = createSocket('udp4');
      socket.bind({ address: place.host, port: place.port, exclusive: true });
      try {
        await once(socket, 'listening');
      } catch (error) {
        socket.close();
        throw error;
      }
      return serve(socket, handlers);
    },
    [Symbol.dispose]() {
      for (const listener of listeners) listener.close();
    },
  };
}

const CONNTRACK = { unanswered: 30_000, answered: 120_000 };
const SWEEP_MS = 1000;

/** Each flow is an open socket; a client that sends from ever new ports must not take them all. */
const MAX_FLOWS = 4096;
