import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** One address the balancer answers at: a ClusterIP's port, or a node port handed in from outside. */
export type ListenerKey = `${string}:${number}` | `node-port:${number}`;

export interface ListenersOptions<Target> {
  /** Gives a listening server for a node port of 127.0.0.1. */
  readonly openNodePort: (port: number) => Promise<Server>;
  readonly connection: (client: Socket, target: Target) => void;
  readonly failed: (target: Target, key: ListenerKey, error: Error) => void;
}

interface Listener<Target> {
  target: Target;
  server?: Server;
  retry?: NodeJS.Timeout;
  hasFailed?: boolean;
}

const retryMs = 10_000;

/** The set of open listeners, brought in line with the wanted set whenever that changes. */
export class Listeners<Target> implements AsyncDisposable {
  readonly #options: ListenersOptions<Target>;
  readonly #listeners = new Map<ListenerKey, Listener<Target>>();

  constructor(options: ListenersOptions<Target>) {
    this.#options = options;
  }

  want(wanted: ReadonlyMap<ListenerKey, Target>): void {
    for (const [key, listener] of this.#listeners) {
      if (!wanted.has(key)) this.#close(key, listener);
    }
    for (const [key, target] of wanted) {
      const listener = this.#listeners.get(key);
      if (listener) listener.target = target;
      else void this.#open(key, target);
    }
  }

  async #open(key: ListenerKey, target: Target): Promise<void> {
    const listener: Listener<Target> = this.#listeners.get(key) ?? { target };
    this.#listeners.set(key, listener);
    const server = createServer(
      { allowHalfOpen: true, noDelay: true, pauseOnConnect: true },
      (client) => this.#options.connection(client, listener.target),
    );
    try {
      const port = Number(key.slice(key.lastIndexOf(':') + 1));
      if (key.startsWith('node-port:')) server.listen(await this.#options.openNodePort(port));
      else server.listen({ host: key.slice(0, key.lastIndexOf(':')), port });
      if (!server.listening) await once(server, 'listening');
    } catch (error) {
      if (this.#listeners.get(key) !== listener) return;
      if (!listener.hasFailed) this.#options.failed(listener.target, key, error as Error);
      listener.hasFailed = true;
      listener.retry = setTimeout(() => void this.#open(key, listener.target), retryMs).unref();
      return;
    }
    if (this.#listeners.get(key) === listener) listener.server = server;
    else server.close();
  }

  #close(key: ListenerKey, listener: Listener<Target>): void {
    this.#listeners.delete(key);
    clearTimeout(listener.retry);
    // Connections that are open stay open: only the listening socket goes.
    listener.server?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.want(new Map());
    return Promise.resolve();
  }
}
