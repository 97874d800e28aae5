import type { Pod } from 'kubernetes-types/core/v1.js';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { NodeAgent } from '../../api.ts';
import type { ExecFault } from '../../faults/fault.ts';
import { CHANNEL_PROTOCOLS } from './channel-protocols.ts';
import { serveChannelPortForward } from './channel-port-forward.ts';
import { damaged } from './damaged-session.ts';
import { offeredBy, refusePlainly } from './handshake.ts';
import { servePortForward } from './port-forward.ts';
import { serveSpdyExec } from './spdy-exec.ts';
import { acceptSpdy, isSpdy } from './spdy/accept.ts';
import { SpdySession } from './spdy/session.ts';
import { badRequest, containerOf, PlainRefusal, streamOptions } from './stream-options.ts';
import { serveExec } from './websocket-exec.ts';
import { messageDuplex } from './websocket-duplex.ts';

export interface StreamUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly url: URL;
  readonly pod: Pod;
  readonly subresource: 'exec' | 'attach' | 'portforward';
  readonly agent: NodeAgent;
  /** Asked once for each exec and attach, with the container it names. */
  readonly execFault?: (container: string, command: readonly string[]) => ExecFault | undefined;
}

/** Of port-forward in channels, which is as old as they are. */
const FORWARD_CHANNELS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
/** Version 3 brought the sizes of terminals, 4 the status at the end; a client that names none has the first. */
const SPDY_PROTOCOLS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', ''];
const TUNNEL = 'SPDY/3.1+portforward.k8s.io';
// RFC 6455 §4.1 has no slash in a subprotocol's name, and ws refuses the one that kubectl offers.
const TUNNEL_WITHOUT_SLASH = TUNNEL.replace('/', '-');

/** A client that is slow to read the last megabytes still gets them. */
const CLOSE_TIMEOUT_MS = 15 * 60_000;

const serverOptions = {
  noServer: true,
  perMessageDeflate: false,
  // `@types/ws` does not know it yet.
  closeTimeout: CLOSE_TIMEOUT_MS,
  handleProtocols: (offered: ReadonlySet<string>) =>
    offered.has(TUNNEL_WITHOUT_SLASH)
      ? TUNNEL
      : (CHANNEL_PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false),
};
const server = new WebSocketServer(serverOptions);

/**
 * Takes over an upgrade to exec, attach or portforward, over WebSocket or SPDY. Throws `ApiError`
 * while nothing has been answered yet; resolves when the streams are served to their end.
 */
export async function handleStreamUpgrade(upgrade: StreamUpgrade): Promise<void> {
  try {
    if (upgrade.subresource === 'portforward') await portForward(upgrade);
    else await exec(upgrade, upgrade.subresource);
  } catch (error) {
    if (!(error instanceof PlainRefusal)) throw error;
    refusePlainly(upgrade.socket, error);
  }
}

async function exec(upgrade: StreamUpgrade, subresource: 'exec' | 'attach'): Promise<void> {
  const { url, pod, agent } = upgrade;
  const options = streamOptions(url, { pod, subresource });
  const fault = upgrade.execFault?.(options.container, options.command);
  const start = async () => {
    const session = await (subresource === 'exec'
      ? agent.exec(pod, options)
      : agent.attach(pod, options));
    return fault ? damaged(session, fault, () => upgrade.socket.end()) : session;
  };
  if (isSpdy(upgrade.request)) {
    const connection = acceptSpdy(upgrade, SPDY_PROTOCOLS);
    const { protocol, duplex } = connection;
    await serveSpdyExec(new SpdySession(duplex), { options, start, protocol });
    return;
  }
  const socket = await accept(upgrade, ['', ...CHANNEL_PROTOCOLS]);
  await serveExec({ socket, below: upgrade.socket, options, start });
}

async function portForward(upgrade: StreamUpgrade): Promise<void> {
  const { request, url, pod, agent } = upgrade;
  containerOf(pod, pod.spec?.containers[0]?.name ?? '');
  const dial = (port: number) => agent.portForward(pod, port);
  if (isSpdy(request)) {
    const connection = acceptSpdy(upgrade, ['portforward.k8s.io']);
    await servePortForward(new SpdySession(connection.duplex), dial);
    return;
  }
  if (offeredBy(request).includes(TUNNEL)) {
    request.headers['sec-websocket-protocol'] = TUNNEL_WITHOUT_SLASH;
    const socket = await accept(upgrade, [TUNNEL_WITHOUT_SLASH]);
    await servePortForward(new SpdySession(messageDuplex(socket)), dial);
    return;
  }
  const ports = url.searchParams.getAll('ports').flatMap((text) => text.split(',').map(Number));
  if (ports.length === 0 || ports.some((port) => !(port > 0 && port < 65_536)))
    throw badRequest('you must specify at least 1 port');
  const socket = await accept(upgrade, FORWARD_CHANNELS);
  serveChannelPortForward({ socket, below: upgrade.socket }, { ports, dial });
}

function accept(
  { request, socket, head }: StreamUpgrade,
  protocols: readonly string[],
): Promise<WebSocket> {
  if (!request.headers.upgrade?.toLowerCase().includes('websocket'))
    throw badRequest('Upgrade request required');
  // As upstream answers a client it has no protocol in common with.
  const offered = offeredBy(request);
  const isKnown =
    offered.length === 0 ? protocols.includes('') : offered.some((one) => protocols.includes(one));
  if (!isKnown) throw new PlainRefusal(403, '');
  const { promise, resolve } = Promise.withResolvers<WebSocket>();
  server.handleUpgrade(request, socket, head, (opened) => {
    // A frame that is none: `ws` closes the connection, and its end ends what it carried.
    opened.on('error', () => {});
    resolve(opened);
  });
  return promise;
}
