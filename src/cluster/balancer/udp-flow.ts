import { createSocket } from 'node:dgram';
import type { PickedEndpoint } from './choose.ts';
import type { Endpoint } from './endpoints.ts';

/** What one client sends to one endpoint, through a socket that only hears that endpoint. */
export interface UdpFlow {
  readonly endpoint: Endpoint;
  send(datagram: Buffer): void;
  isAnswered(): boolean;
  /** Milliseconds since the last datagram in either direction. */
  idleMs(): number;
  close(): void;
}

interface UdpFlowOptions {
  readonly localAddress: string | undefined;
  readonly answer: (datagram: Buffer) => void;
  /** Nobody listens at the endpoint, or it cannot be reached. */
  readonly failed: () => void;
}

export function createUdpFlow(picked: PickedEndpoint, options: UdpFlowOptions): UdpFlow {
  const { endpoint, counter } = picked;
  const carried = { bytesWritten: 0, bytesRead: 0 };
  const socket = createSocket('udp4');
  let waiting: Buffer[] | undefined = [];
  let isAnswered = false;
  let isOpen = true;
  let lastUsed = performance.now();

  counter.opened();
  counter.carries(carried);
  socket.on('message', (datagram) => {
    isAnswered = true;
    lastUsed = performance.now();
    carried.bytesRead += datagram.length;
    options.answer(datagram);
  });
  socket.on('error', fail);
  if (options.localAddress === undefined) connect();
  else socket.bind({ address: options.localAddress, exclusive: true }, connect);

  function connect(): void {
    if (!isOpen) return;
    socket.connect(endpoint.port, endpoint.address, (error?: Error) => {
      if (error) fail();
      if (!isOpen) return;
      for (const datagram of waiting ?? []) pass(datagram);
      waiting = undefined;
    });
  }

  function pass(datagram: Buffer): void {
    carried.bytesWritten += datagram.length;
    socket.send(datagram, () => {});
  }

  function fail(): void {
    if (!isOpen) return;
    counter.failed();
    options.failed();
  }

  return {
    endpoint,
    send(datagram) {
      lastUsed = performance.now();
      if (!waiting) pass(datagram);
      else if (waiting.length < MAX_WAITING) waiting.push(datagram);
    },
    isAnswered: () => isAnswered,
    idleMs: () => performance.now() - lastUsed,
    close() {
      if (!isOpen) return;
      isOpen = false;
      counter.closed(carried);
      socket.close();
    },
  };
}

/** Datagrams may be lost; those of the first moments need not be. */
const MAX_WAITING = 64;
