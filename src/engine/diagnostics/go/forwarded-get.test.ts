import { once } from 'node:events';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../../../../test/support/self-signed.ts';
import { hasTools } from '../../../../test/support/tools.ts';
import type { Kube } from '../../../kube/index.ts';
import { forwardedGet } from './forwarded-get.ts';

const page: RequestListener = (request, response) => {
  if (request.url === '/ok') response.end('x'.repeat(300_000));
  else response.writeHead(500).end('cpu profiling already in use');
};

/** What a port-forward is to its reader: a stream that is no socket. */
const portForward: Kube['portForward'] = async ({ port }) => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return Duplex.from({ readable: socket, writable: socket });
};

test.for(['http', 'https'] as const)('a page over %s, and a refusal', async (scheme, { skip }) => {
  if (scheme === 'https' && !hasTools('openssl')) skip('there is no openssl to make a certificate');
  const server: Server = scheme === 'https' ? createHttps(selfSigned(), page) : createHttp(page);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const target = {
    kube: { portForward } as Kube,
    namespace: 'shop',
    pod: 'web',
    container: 'app',
  };
  const { port } = server.address() as AddressInfo;
  const address = { scheme, host: '127.0.0.1', port };
  const asked = { waitMs: 30_000, signal: new AbortController().signal };
  expect(await text(await forwardedGet(target, address, { ...asked, path: '/ok' }))).toHaveLength(
    300_000,
  );
  await expect(forwardedGet(target, address, { ...asked, path: '/no' })).rejects.toMatchObject({
    code: 'diagnostic-failed',
    message: `port ${port} of pod shop/web answered /no with HTTP 500: cpu profiling already in use`,
  });
});
