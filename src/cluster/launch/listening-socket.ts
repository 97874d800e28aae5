import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Opens a listening socket on 127.0.0.1 of this machine, to be handed to the node process, which has
 * no such address. Whoever connects before the hand-over is reset: nobody would answer here.
 */
export async function openListeningSocket(port: number): Promise<Server> {
  const server = createServer((socket) => socket.resetAndDestroy());
  server.listen({ host: '127.0.0.1', port, exclusive: true });
  await once(server, 'listening');
  return server;
}

/** The same for UDP: what comes before the hand-over waits in the socket. */
export async function openUdpSocket(port: number): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  socket.bind({ address: '127.0.0.1', port, exclusive: true });
  await once(socket, 'listening').catch((error: unknown) => {
    socket.close();
    throw error;
  });
  return socket;
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP socket');
  return address.port;
}
