import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Target } from '../http/target.ts';
import { methodNotAllowed } from '../words.ts';
import { podDestination, serviceDestination } from './destination.ts';
import { forward, type Forwarding } from './forward.ts';
import { forwardUpgrade } from './forward-upgrade.ts';

const METHODS = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

type Asked = Pick<Target, 'context' | 'path' | 'resource'>;

/** Serves pods/proxy and services/proxy: any method, any path below. */
export async function serveProxy(target: Target): Promise<void> {
  const { exchange } = target;
  const { request, response, url } = exchange;
  if (!METHODS.has(request.method ?? '')) throw methodNotAllowed();
  const forwarding = forwardingOf(target, url);
  const isPage = request.method === 'GET' || request.method === 'HEAD';
  // Links of a page are resolved against its address, which must therefore end as a directory's does.
  if (forwarding.path === '' && isPage) {
    const location = `${url.pathname}/${url.search}`;
    response.writeHead(301, { Location: location, 'Cache-Control': 'no-cache, private' }).end();
    return;
  }
  await forward(exchange, { ...forwarding, path: forwarding.path || '/' });
}

/** The same for a WebSocket, or whatever else a connection is upgraded to. */
export async function upgradeProxy(
  target: Asked,
  from: {
    readonly request: IncomingMessage;
    readonly socket: Duplex;
    readonly head: Buffer;
    readonly url: URL;
  },
): Promise<void> {
  const { path, ...forwarding } = forwardingOf(target, from.url);
  await forwardUpgrade(from, { ...forwarding, path: path || '/', search: from.url.search });
}

function forwardingOf({ context, path, resource }: Asked, url: URL): Forwarding {
  const place = { namespace: path.namespace ?? '', id: path.name ?? '' };
  const find = resource.plural === 'services' ? serviceDestination : podDestination;
  const rest = path.rest ?? '';
  return {
    destination: find(context, place),
    prefix: url.pathname.slice(0, url.pathname.length - rest.length),
    path: rest,
  };
}
