import { Server } from 'node:net';
import type { FromNode, NodeConfig, ToNode } from './messages.ts';

/** The process that started this one: it has the addresses of the machine, and its word counts. */
export interface Outside {
  readonly started: Promise<{ readonly config: NodeConfig; readonly apiSocket: Server }>;
  tell(message: FromNode): void;
  /** A listening socket on 127.0.0.1 of the machine; rejects when the port is taken. */
  openNodePort(port: number): Promise<Server>;
}

/**
 * Listens to the process outside. `stop` is called when it asks, and `lost` when it is gone, however
 * it died: the kernel closes the channel then.
 */
export function listenToOutside(handlers: { stop: () => void; lost: () => void }): Outside {
  const started = Promise.withResolvers<{ config: NodeConfig; apiSocket: Server }>();
  const nodePorts = new Map<number, PromiseWithResolvers<Server>>();

  process.on('message', (message: ToNode, socket: unknown) => {
    switch (message.type) {
      case 'start':
        started.resolve({ config: message.config, apiSocket: listening(socket) });
        break;
      case 'node-port':
        nodePorts.get(message.port)?.resolve(listening(socket));
        nodePorts.delete(message.port);
        break;
      case 'node-port-refused':
        nodePorts.get(message.port)?.reject(new Error(message.message));
        nodePorts.delete(message.port);
        break;
      case 'stop':
        handlers.stop();
        break;
    }
  });
  process.on('disconnect', handlers.lost);

  const tell = (message: FromNode) => void process.send?.(message);
  return {
    started: started.promise,
    tell,
    openNodePort(port) {
      const waiting = nodePorts.get(port) ?? Promise.withResolvers<Server>();
      if (!nodePorts.has(port)) {
        nodePorts.set(port, waiting);
        tell({ type: 'open-node-port', port });
      }
      return waiting.promise;
    },
  };
}

function listening(socket: unknown): Server {
  if (socket instanceof Server) return socket;
  throw new Error('the process outside sent no listening socket');
}
