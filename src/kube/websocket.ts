import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { WebSocket, type ClientOptions } from 'ws';
import { KubeError } from './errors.ts';
import type { Connection } from './kubeconfig.ts';
import { backOffMs, sleepUnlessAborted } from './retry.ts';
import { networkError, refusal } from './status.ts';
import { userAgent, withoutUndefined, type HttpAnswer } from './transport.ts';

const pingEveryMs = 5_000;
export const deadAfterMs = 60_000;
const openAttempts = 3;

interface OpenOptions {
  /** With its query, after the server's own path. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly protocols: readonly string[];
  /** `pods/exec`, for the hint of a refusal. */
  readonly resource: string;
  readonly namespace: string;
  /** What a refusal that is about the Pod rather than about the user means. */
  readonly refused: (error: KubeError, answer: HttpAnswer) => KubeError;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a WebSocket to a subresource of a Pod, trying again what may pass: before the upgrade nothing
 * has run yet. It comes paused, so that no frame is lost before the caller listens.
 */
export async function openWebSocket(
  connection: Connection,
  options: OpenOptions,
): Promise<WebSocket> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openOnce(connection, options, attempt > 1);
    } catch (error) {
      if (attempt >= openAttempts || !mayPass(error)) throw error;
      await sleepUnlessAborted(backOffMs(attempt + 1), options.signal);
    }
  }
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  const { code, cause } = error;
  if (code === 'unauthorized' || code === 'too-many-requests') return true;
  if (code === 'unreachable') return (cause as { code?: string }).code === 'ECONNRESET';
  if (code === 'server-error') return true;
  // A kubelet that cannot be reached comes as a 500, and so does a container that is not there.
  return error.status === 500 && !/not found|does not exist|not running/i.test(error.message);
}

async function openOnce(
  connection: Connection,
  options: OpenOptions,
  fresh: boolean,
): Promise<WebSocket> {
  const { headers, tls, proxyAgent } = await connection.credentials({ fresh });
  const clientOptions: ClientOptions = {
    ...withoutUndefined(tls),
    ...(proxyAgent ? { agent: proxyAgent } : {}),
    headers: { ...(headers as Record<string, string>), 'User-Agent': userAgent },
    perMessageDeflate: false,
    skipUTF8Validation: true,
    handshakeTimeout: 30_000,
  };
  const url = new URL(`${connection.server.replace(/^http/, 'ws')}${options.path}`);
  url.search = options.query.toString();
  const socket = new WebSocket(url, [...options.protocols], clientOptions);
  return await new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      cleanUp();
      socket.on('error', () => {});
      socket.terminate();
      reject(networkError(error, connection.server, options.signal));
    };
    const onOpen = () => {
      cleanUp();
      socket.pause();
      resolve(socket);
    };
    const onAbort = () => fail(options.signal?.reason);
    const onRefused = (_: unknown, response: IncomingMessage) => {
      refusedUpgrade(response, options).then(fail, fail);
    };
    const cleanUp = () => {
      socket.off('open', onOpen).off('error', fail).off('unexpected-response', onRefused);
      options.signal?.removeEventListener('abort', onAbort);
    };
    socket.on('open', onOpen).on('error', fail).on('unexpected-response', onRefused);
    options.signal?.addEventListener('abort', onAbort);
  });
}

async function refusedUpgrade(response: IncomingMessage, options: OpenOptions): Promise<KubeError> {
  const { resource, namespace, refused } = options;
  const answer = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await text(response),
  };
  return refused(refusal(answer, { verb: 'get', resource, namespace }), answer);
}

/** Pings, and calls `dead` when nothing has come back for too long; a paused socket proves nothing. */
export function watchPulse(
  socket: WebSocket,
  isPaused: () => boolean,
  dead: () => void,
): () => void {
  let heardAt = performance.now();
  const hear = () => {
    heardAt = performance.now();
  };
  socket.on('pong', hear).on('message', hear);
  const timer = setInterval(() => {
    if (isPaused()) hear();
    if (performance.now() - heardAt > deadAfterMs) dead();
    else if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, pingEveryMs);
  return () => clearInterval(timer);
}

/** Closes politely, but lets no unanswered close keep the process alive. */
export function sayGoodbye(socket: WebSocket): void {
  socket.close(1000);
  const timer = setTimeout(() => socket.terminate(), 1000);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}
