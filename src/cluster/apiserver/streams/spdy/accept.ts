import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { PlainRefusal } from '../stream-options.ts';

const PROTOCOL = 'x-stream-protocol-version';

export function isSpdy(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'spdy/3.1';
}

/** Answers the upgrade to SPDY/3.1 with the first of `protocols` that the client offers. */
export function acceptSpdy(
  upgrade: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  protocols: readonly string[],
): { readonly duplex: Duplex; readonly protocol: string } {
  const { request, socket, head } = upgrade;
  const offered = (request.headersDistinct[PROTOCOL] ?? []).flatMap((value) => value.split(/,\s*/));
  const chosen =
    offered.length === 0
      ? protocols.find((protocol) => protocol === '')
      : protocols.find((protocol) => offered.includes(protocol));
  if (chosen === undefined)
    throw new PlainRefusal(
      403,
      `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${protocols.join(' ').trim()}]`,
    );
  const named = chosen === '' ? '' : `X-Stream-Protocol-Version: ${chosen}\r\n`;
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${named}\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return { duplex: socket, protocol: chosen };
}
