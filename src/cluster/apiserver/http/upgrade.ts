import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { ApiError } from '../../api-error.ts';
import { admit, requireAllowed } from '../auth/access.ts';
import { attributesOf } from '../auth/attributes.ts';
import { liveEntry } from '../pipeline/update.ts';
import { badRequest, unknownResource } from '../words.ts';
import { toApiError } from './exchange.ts';
import { type HandlerOptions, STREAMS, targetOf, urlOf } from './handler.ts';
import { openLog } from './log.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { meetUpgradeFault } from './request-fault.ts';
import { parseRequestPath } from './request-path.ts';
import { keyOfTarget } from './target.ts';

/** Whether a request to upgrade is served as one; others get the answer that they would get without. */
export function isUpgraded(request: IncomingMessage): boolean {
  const { pathname } = urlOf(request);
  const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
  const { subresource = '' } = parseRequestPath(pathname) ?? {};
  return (
    STREAMS.has(subresource) || subresource === 'proxy' || (subresource === 'log' && isWebSocket)
  );
}

/** Hands an exec, attach or port-forward connection to the streams; refuses everything else with a Status. */
export async function handleUpgrade(
  { context, access, agent, faults, version }: HandlerOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  // Reset by a peer that we are about to refuse: nothing is lost.
  socket.on('error', () => socket.destroy());
  try {
    const url = urlOf(request);
    const user = admit(access, request, url);
    if (faults && !(await meetUpgradeFault(faults, { request, url }, user))) return;
    const target = targetOf(context, url);
    if (!target) throw unknownResource();
    const { subresource } = target;
    if (subresource?.name === 'proxy') {
      const { upgradeProxy } = await import('../proxy/index.ts');
      return await upgradeProxy(target, { request, socket, head, url });
    }
    if (subresource?.name === 'log') {
      const lines = await openLog(target, url.searchParams, agent());
      const { serveWebSocketLog } = await import('../streams/websocket-log.ts');
      return await serveWebSocketLog({ request, socket, head }, lines);
    }
    if (!subresource || !STREAMS.has(subresource.name)) {
      throw badRequest('this path does not upgrade; watches are served as plain HTTP');
    }
    // A WebSocket begins with a GET: whoever may only read must not run anything by it.
    if (version.createsStreams) {
      const asked = { ...attributesOf('GET', url), verb: 'create' };
      requireAllowed(access.authorizer, user, asked);
    }
    const pod = liveEntry(context, target.stored, keyOfTarget(target)).object as Pod;
    // Loaded when first needed: most clusters never see an exec in their first second.
    const { handleStreamUpgrade } = await import('../streams/index.ts');
    await handleStreamUpgrade({
      request,
      socket,
      head,
      url,
      pod,
      subresource: subresource.name as 'attach' | 'exec' | 'portforward',
      agent: agent(),
      ...(faults && {
        execFault: (container, command) => faults.exec({ ...podOf(pod), container, command }),
      }),
    });
  } catch (error) {
    refuse(socket, toApiError(error));
  }
}

function podOf({ metadata }: Pod) {
  return { namespace: metadata?.namespace ?? '', pod: metadata?.name ?? '' };
}

function refuse(socket: Duplex, { status }: ApiError): void {
  const body = `${JSON.stringify(status)}\n`;
  refuseUpgrade(socket, { code: status.code, type: 'application/json', body });
}
