import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { pipeToChannel, send, writeFromChannel } from './channels.ts';
import { failure, type Dial } from './port-forward.ts';

/**
 * Serves the older port-forward over WebSocket channels (client libraries, not kubectl): for the
 * i-th port, channel 2i carries data and 2i+1 an error; each begins with the port, two bytes.
 */
export function serveChannelPortForward(
  { socket, below }: { readonly socket: WebSocket; readonly below: Duplex },
  { ports, dial }: { readonly ports: readonly number[]; readonly dial: Dial },
): void {
  const connections = new Map<number, Promise<Duplex | undefined>>();
  for (const [i, port] of ports.entries()) {
    const head = Buffer.alloc(2);
    head.writeUInt16LE(port);
    void send(socket, 2 * i, head);
    void send(socket, 2 * i + 1, head);
    connections.set(2 * i, connect(socket, { below, channel: 2 * i, port, dial }));
  }
  let order: Promise<void> = Promise.resolve();
  socket.on('message', (message: Buffer) => {
    const connection = connections.get(message[0] ?? -1);
    if (!connection || message.length < 2) return;
    const back = message[0];
    order = deliver(message.subarray(1), { connection, after: order, socket, back });
  });
  socket.once('close', () => {
    for (const connection of connections.values()) void connection.then((it) => it?.destroy());
  });
}

/** Messages that come before the connection stands wait for it, in order. */
async function deliver(
  data: Buffer,
  to: {
    readonly connection: Promise<Duplex | undefined>;
    readonly after: Promise<void>;
    readonly socket: WebSocket;
    readonly back: number | undefined;
  },
): Promise<void> {
  await to.after;
  const target = await to.connection;
  if (target) writeFromChannel(target, data, to);
}

async function connect(
  socket: WebSocket,
  {
    below,
    channel,
    port,
    dial,
  }: {
    readonly below: Duplex;
    readonly channel: number;
    readonly port: number;
    readonly dial: Dial;
  },
): Promise<Duplex | undefined> {
  try {
    const connection = await dial(port);
    connection.on('error', () => connection.destroy());
    void pipeToChannel(connection, { socket, below, channel }).then(() => socket.close(1000));
    return connection;
  } catch (error) {
    await send(socket, channel + 1, failure(port, error));
    return undefined;
  }
}
