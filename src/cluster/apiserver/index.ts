import { once } from 'node:events';
import { createServer } from 'node:https';
import { Server } from 'node:net';
import type { Api, IssueToken, NodeAgent } from '../api.ts';
import type { ValidationRules } from '../machinery/index.ts';
import { type MetricFamily, processMetrics } from '../metrics/index.ts';
import { type Journal, Store } from '../store/index.ts';
import { createAuthenticator } from './auth/authenticate.ts';
import { createAuthorizer } from './auth/rbac/authorizer.ts';
import {
  createServiceAccountTokens,
  type ServiceAccountTokens,
} from './auth/service-account-tokens.ts';
import { tokenIssuer } from './auth/token-request.ts';
import type { User } from './auth/user.ts';
import { bootstrap } from './bootstrap.ts';
import { signCertificateRequest } from './certificate-request.ts';
import {
  type Certificates,
  type CertificateUser,
  type ClientCertificate,
  issueClientCertificate,
} from './certificates.ts';
import { expireEvents } from './event-expiry.ts';
import { createDocumentServer } from './http/documents.ts';
import { handle, type HandlerOptions, urlOf } from './http/handler.ts';
import { createRequestMetrics } from './http/request-metrics.ts';
import { handleUpgrade, isUpgraded } from './http/upgrade.ts';
import { kubernetesVersion } from './kubernetes-version.ts';
import { createLocalApi } from './local-api.ts';
import { noUsage, type Usage } from './usage/usage.ts';
import type { Controls } from '../control/controls.ts';
import type { FaultTable } from '../faults/fault-table.ts';

export { openJournal } from '../store/index.ts';
export { generateCertificates, issueClientCertificate } from './certificates.ts';

export interface ApiServerOptions {
  /** The Kubernetes version to answer as, `1.31` or `1.31.4`; default the newest. */
  readonly kubernetesVersion?: string;
  /** The kubeconfig's bearer token: who shows it may do everything. */
  readonly token: string;
  /** Further users by their bearer tokens, for tests; roles say what they may do. */
  readonly users?: Readonly<Record<string, User>>;
  readonly certificates: Certificates;
  /** Asked for when a stream is, so that the kubelet may be made after the API server. */
  readonly agent: () => NodeAgent;
  /** What Pods and nodes use: what `kubectl top` shows. */
  readonly usage?: () => Usage;
  readonly validationRules?: ValidationRules;
  /** Where Pods reach the API server: the backend of Service default/kubernetes. */
  readonly advertise?: { readonly ip: string; readonly port: number };
  readonly now?: () => Date;
  /** What `/metrics` says besides the process and its requests. */
  readonly metrics?: () => Promise<readonly MetricFamily[]>;
  /** Rehearsed damage to requests and streams. */
  readonly faults?: FaultTable;
  /** What the paths under /pitstop.dev do; without them there are none. */
  readonly controls?: () => Controls;
  /** Where the cluster's state is kept beyond this process; the caller opens it, and disposes of it after `close`. */
  readonly journal?: Journal;
}

export interface ApiServer {
  readonly api: Api;
  /** Tokens for Pods, in process. */
  readonly issueToken: IssueToken;
  /** A client certificate for a further user; roles say what he may do. */
  readonly issueClientCertificate: (user: CertificateUser) => Promise<ClientCertificate>;
  /** Makes a client certificate of a request for one. */
  readonly signCertificate: (request: Parameters<typeof signCertificateRequest>[1]) => string;
  /** The everlasting token that a Secret carries. */
  readonly issueSecretToken: ServiceAccountTokens['issueLegacy'];
  /** Serves TLS on a socket that listens already, or opens one on 127.0.0.1; `0` = any free port. */
  listen(server: Server | number): Promise<{ readonly port: number }>;
  /** Forgets the history of all watches, as etcd's compaction does every five minutes. */
  compact(): void;
  /** Ends every connection, watches and streams included. */
  close(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 32_000;
const IDLE_TIMEOUT_MS = 3 * 60_000;
const DEFAULT_ADVERTISE = { ip: '10.244.0.1', port: 6443 };

/** The cluster's API server: usable in process at once, over HTTPS after `listen`. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { now = () => new Date() } = options;
  const version = kubernetesVersion(options.kubernetesVersion);
  const store = new Store({ now: () => now().getTime(), persistence: options.journal });
  options.journal?.begin(store);
  const context = { store, now, validationRules: options.validationRules ?? {} };
  const api = createLocalApi(context);
  const expiry = expireEvents(store, now);
  const advertise = options.advertise ?? DEFAULT_ADVERTISE;
  bootstrap(api, advertise);
  const { ca, cert, key, serviceAccountKey } = options.certificates;
  const tokens = createServiceAccountTokens({ key: serviceAccountKey, store, now });
  const authenticator = createAuthenticator({
    adminToken: options.token,
    ...(options.users && { users: options.users }),
    tokens,
  });
  const requests = createRequestMetrics();
  const handlerOptions: HandlerOptions = {
    context,
    access: { authenticator, authorizer: createAuthorizer(store), tokens },
    address: `https://${advertise.ip}:${advertise.port}`,
    documents: createDocumentServer(version.text),
    agent: options.agent,
    usage: options.usage ?? (() => noUsage),
    metrics: async () => [
      ...requests.families(),
      ...processMetrics(),
      ...((await options.metrics?.()) ?? []),
    ],
    ...(options.faults && { faults: options.faults }),
    ...(options.controls && { controls: options.controls }),
    version,
  };
  const https = createServer({
    cert,
    key,
    ca,
    // A certificate is one way to say who one is; those of others count as none.
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    shouldUpgradeCallback: isUpgraded,
    // As Go's servers; tokens and group names in headers may be long.
    maxHeaderSize: 1024 * 1024,
  });
  // Watches and streams are open for as long as their clients like.
  https.requestTimeout = 0;
  // Go's clients keep idle connections for 90 s: were ours closed first, their next request could be lost.
  https.keepAliveTimeout = IDLE_TIMEOUT_MS;
  // As upstream's; connections that were accepted elsewhere are only watched once somebody says "listening".
  https.headersTimeout = HEADERS_TIMEOUT_MS;
  https.emit('listening');
  https.on('request', (request, response) => {
    requests.follow(request, response, urlOf(request));
    // Whatever goes wrong with one answer ends that one.
    handle(handlerOptions, request, response).catch(() => response.destroy());
  });
  https.on('upgrade', (request, socket, head) => {
    handleUpgrade(handlerOptions, request, socket, head).catch(() => socket.destroy());
  });
  const sockets = new Set<{ destroy(): void }>();
  const listening: Server[] = [];
  return {
    api,
    issueToken: tokenIssuer({ store, tokens, now }),
    issueSecretToken: tokens.issueLegacy,
    issueClientCertificate: (user) => issueClientCertificate(options.certificates, user),
    signCertificate: (request) => signCertificateRequest(options.certificates.caKey, request),
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
      https.close();
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
