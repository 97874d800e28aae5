import { Socket as UdpSocket } from 'node:dgram';
import { Server } from 'node:net';
import type { FromNode, NodeConfig, ToNode } from './messages.ts';

/** The process that started this one: it has the addresses of the machine, and its word counts. */
export interface Outside {
  readonly started: Promise<{ readonly config: NodeConfig; readonly apiSocket: Server }>;
  tell(message: FromNode): void;
  /** A listening socket on 127.0.0.1 of the machine; rejects when the port is taken. */
  openNodePort(port: number): Promise<Server>;
  /** The same for UDP: a socket that is bound there. */
  openUdpNodePort(port: number): Promise<UdpSocket>;
}

/**
 * Listens to the process outside. `stop` is called when it asks, and `lost` when it is gone, however
 * it died: the kernel closes the channel then.
 */
export function listenToOutside(handlers: { stop: () => void; lost: () => void }): Outside {
  const started = Promise.withResolvers<{ config: NodeConfig; apiSocket: Server }>();
  const nodePorts = new Map<string, PromiseWithResolvers<unknown>>();

  process.on('message', (message: ToNode, socket: unknown) => {
    switch (message.type) {
      case 'start':
        started.resolve({ config: message.config, apiSocket: listening(socket) });
        break;
      case 'node-port':
        nodePorts.get(keyOf(message))?.resolve(socket);
        nodePorts.delete(keyOf(message));
        break;
      case 'node-port-refused':
        nodePorts.get(keyOf(message))?.reject(new Error(message.message));
        nodePorts.delete(keyOf(message));
        break;
      case 'stop':
        handlers.stop();
        break;
    }
  });
  process.on('disconnect', handlers.lost);

  // That nobody hears it any more is told by `lost`.
  const tell = (message: FromNode) => void process.send?.(message, () => {});
  return {
    started: started.promise,
    tell,
    openNodePort: async (port) => listening(await openNodePort({ port, protocol: 'TCP' })),
    openUdpNodePort: async (port) => bound(await openNodePort({ port, protocol: 'UDP' })),
  };

  function openNodePort(place: Place): Promise<unknown> {
    const key = keyOf(place);
    const waiting = nodePorts.get(key) ?? Promise.withResolvers<unknown>();
    if (!nodePorts.has(key)) {
      nodePorts.set(key, waiting);
      tell({ type: 'open-node-port', ...place });
    }
    return waiting.promise;
  }
}

type Place = Pick<Extract<FromNode, { readonly type: 'open-node-port' }>, 'port' | 'protocol'>;

function keyOf({ port, protocol }: Place): string {
  return `${protocol}:${port}`;
}

function listening(socket: unknown): Server {
  if (socket instanceof Server) return socket;
  throw new Error('the process outside sent no listening socket');
}

function bound(socket: unknown): UdpSocket {
  if (socket instanceof UdpSocket) return socket;
  throw new Error('the process outside sent no bound socket');
}
