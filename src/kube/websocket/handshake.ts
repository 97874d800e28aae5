import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Credentials } from '../kubeconfig.ts';
import { userAgent, withoutUndefined } from '../transport.ts';
import { ChannelSocket } from './channel-socket.ts';
import { dial, type Wire } from './wire.ts';

const handshakeTimeoutMs = 30_000;
/** RFC 6455 §1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export interface Handshake {
  readonly url: URL;
  readonly protocols: readonly string[];
  readonly credentials: Credentials;
  readonly signal?: AbortSignal | undefined;
}

/** A server that answered something else than the upgrade; the caller reads its body. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused';
  readonly response: IncomingMessage;

  constructor(response: IncomingMessage) {
    super(`the server answered with HTTP ${response.statusCode}`);
    this.response = response;
  }
}

/** Opens a WebSocket (RFC 6455 §4.1). Throws `UpgradeRefused`, or what went wrong on the way. */
export async function shakeHands(options: Handshake): Promise<ChannelSocket> {
  const { url, protocols, credentials, signal } = options;
  const key = randomBytes(16).toString('base64');
  // What goes by a proxy gets its connection from the proxy's agent.
  const wire = credentials.proxyAgent ? undefined : dial(url, credentials.tls);
  const asked = ask(options, key, wire);
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => fail(new Error(`no answer to the upgrade within ${handshakeTimeoutMs / 1000} s`)),
      handshakeTimeoutMs,
    );
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: unknown) => {
      settle();
      // A second error of the same connection finds nobody else who listens.
      asked.on('error', () => {}).destroy();
      wire?.socket.on('error', () => {}).destroy();
      reject(error);
    };
    const onAbort = () => fail(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    asked.on('error', fail);
    asked.on('response', (response) => {
      settle();
      reject(new UpgradeRefused(response));
    });
    asked.on('upgrade', (response: IncomingMessage, socket: Socket, head: Buffer) => {
      try {
        const protocol = agreed(response, key, protocols);
        const opened = new ChannelSocket(wire ?? { socket, take: undefined }, protocol, head);
        settle();
        resolve(opened);
      } catch (error) {
        fail(error);
      }
    });
    if (signal?.aborted) onAbort();
    else asked.end();
  });
}

function ask(options: Handshake, key: string, wire: Wire | undefined): ClientRequest {
  const { url, protocols, credentials } = options;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return send(url, {
    ...(wire
      ? { createConnection: () => wire.socket }
      : { ...withoutUndefined(credentials.tls), agent: credentials.proxyAgent }),
    headers: {
      ...credentials.headers,
      'User-Agent': userAgent,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
      'Sec-WebSocket-Protocol': protocols.join(','),
    },
  });
}

/** The subprotocol that both sides speak from now on (§4.1, what a client must check). */
function agreed({ headers }: IncomingMessage, key: string, protocols: readonly string[]): string {
  const expected = createHash('sha1').update(`${key}${acceptSuffix}`).digest('base64');
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    throw new Error(`the server upgrades to ${headers.upgrade ?? 'nothing'}, not to a WebSocket`);
  }
  if (headers['sec-websocket-accept'] !== expected) {
    throw new Error('the server’s Sec-WebSocket-Accept does not belong to this request');
  }
  const protocol = headers['sec-websocket-protocol'] ?? '';
  if (!protocols.includes(protocol)) {
    throw new Error(`the server chose ${protocol || 'no subprotocol'} of ${protocols.join(', ')}`);
  }
  return protocol;
}
