import { once } from 'node:events';
import { createServer } from 'node:https';
import { Server } from 'node:net';
import type { Api, NodeAgent } from '../api.ts';
import type { ValidationRules } from '../machinery/index.ts';
import { Store } from '../store/index.ts';
import { bootstrap } from './bootstrap.ts';
import type { Certificates } from './certificates.ts';
import { expireEvents } from './event-expiry.ts';
import { createDocumentServer } from './http/documents.ts';
import { handle, type HandlerOptions } from './http/handler.ts';
import { handleUpgrade } from './http/upgrade.ts';
import { createLocalApi } from './local-api.ts';
import type { StreamFaults } from './streams/index.ts';

export { generateCertificates } from './certificates.ts';

export interface ApiServerOptions {
  /** The Kubernetes version to answer as; default 1.36.2. */
  readonly kubernetesVersion?: string;
  /** The one bearer token that is let in. */
  readonly token: string;
  readonly certificates: Certificates;
  /** Asked for when a stream is, so that the kubelet may be made after the API server. */
  readonly agent: () => NodeAgent;
  readonly validationRules?: ValidationRules;
  /** Where Pods reach the API server: the backend of Service default/kubernetes. */
  readonly advertise?: { readonly ip: string; readonly port: number };
  readonly now?: () => Date;
  /** Rehearsed damage to exec streams. */
  readonly faults?: StreamFaults;
}

export interface ApiServer {
  readonly api: Api;
  /** Serves TLS on a socket that listens already, or opens one on 127.0.0.1; `0` = any free port. */
  listen(server: Server | number): Promise<{ readonly port: number }>;
  /** Forgets the history of all watches, as etcd's compaction does every five minutes. */
  compact(): void;
  /** Ends every connection, watches and streams included. */
  close(): Promise<void>;
}

const IDLE_TIMEOUT_MS = 3 * 60_000;
const DEFAULT_VERSION = '1.36.2';
const DEFAULT_ADVERTISE = { ip: '10.244.0.1', port: 6443 };

/** The cluster's API server: usable in process at once, over HTTPS after `listen`. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { kubernetesVersion = DEFAULT_VERSION, now = () => new Date() } = options;
  const store = new Store({ now: () => now().getTime() });
  const context = { store, now, validationRules: options.validationRules ?? {} };
  const api = createLocalApi(context);
  const expiry = expireEvents(store, now);
  bootstrap(api, options.advertise ?? DEFAULT_ADVERTISE);
  const handlerOptions: HandlerOptions = {
    context,
    token: options.token,
    documents: createDocumentServer(kubernetesVersion),
    agent: options.agent,
    ...(options.faults && { faults: options.faults }),
    warnsOfEndpoints: Number(kubernetesVersion.split('.')[1]) >= 33,
  };
  const { cert, key } = options.certificates;
  const https = createServer({ cert, key, ALPNProtocols: ['http/1.1'] });
  // Watches and streams are open for as long as their clients like.
  https.requestTimeout = 0;
  // Go's clients keep idle connections for 90 s: were ours closed first, their next request could be lost.
  https.keepAliveTimeout = IDLE_TIMEOUT_MS;
  https.on('request', (request, response) => void handle(handlerOptions, request, response));
  https.on('upgrade', (request, socket, head) => {
    void handleUpgrade(handlerOptions, request, socket, head);
  });
  const sockets = new Set<{ destroy(): void }>();
  const listening: Server[] = [];
  return {
    api,
    compact: () => store.compact(),
    async listen(target) {
      const server = typeof target === 'number' ? await openSocket(target) : target;
      listening.push(server);
      // One TLS server for any number of sockets, also those that another process opened.
      server.on('connection', (socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        socket.setNoDelay(true);
        https.emit('connection', socket);
      });
      const address = server.address();
      return { port: typeof address === 'object' && address !== null ? address.port : 0 };
    },
    async close() {
      expiry[Symbol.dispose]();
      const closed = listening
        .filter((server) => server.listening)
        .map((server) => once(server, 'close'));
      for (const server of listening) server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

async function openSocket(port: number): Promise<Server> {
  const server = new Server();
  server.listen({ host: '127.0.0.1', port });
  await once(server, 'listening');
  return server;
}
