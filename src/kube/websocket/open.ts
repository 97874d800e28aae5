import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { KubeError } from '../errors.ts';
import type { Connection } from '../kubeconfig.ts';
import { backOffMs, sleepUnlessAborted } from '../retry.ts';
import { networkError, refusal } from '../status.ts';
import type { HttpAnswer } from '../transport.ts';
import type { ChannelSocket } from './channel-socket.ts';
import { shakeHands, UpgradeRefused } from './handshake.ts';

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
): Promise<ChannelSocket> {
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
): Promise<ChannelSocket> {
  const url = new URL(`${connection.server}${options.path}`);
  url.search = options.query.toString();
  const { protocols, signal } = options;
  try {
    const credentials = await connection.credentials({ fresh });
    return await shakeHands({ url, protocols, credentials, signal });
  } catch (error) {
    const refused = error instanceof UpgradeRefused && refusedUpgrade(error.response, options);
    throw networkError(refused ? await refused : error, connection.server, signal);
  }
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
