import { once } from 'node:events';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcp, type AddressInfo, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { probeGrpc } from './grpc-probe.ts';

async function probe(server: Pick<Server, 'listen' | 'once' | 'address' | 'close'>, service = '') {
  server.listen(0, '127.0.0.1');
  await once(server as Server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const target = { host: '127.0.0.1', port, service, timeoutMs: 500, localAddress: '127.0.0.1' };
  const outcome = await probeGrpc(target);
  return { ...outcome, message: outcome.message.replaceAll(`${port}`, 'PORT') };
}

/** A health server that says `status` of the service it is asked for. */
function health(status: number, grpcStatus = '0', asked: string[] = []) {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => {
      asked.push(Buffer.concat(chunks).subarray(7).toString());
      stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': grpcStatus }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, status]));
    });
  });
  return server;
}

test('a serving server is healthy, and is asked for the service the probe names', async () => {
  const asked: string[] = [];
  expect(await probe(health(1, '0', asked), 'shop')).toEqual({ success: true, message: '' });
  expect(asked).toEqual(['shop']);
});

test('says in the kubelet’s words what is wrong', async () => {
  expect((await probe(health(2))).message).toBe('service unhealthy (responded with "NOT_SERVING")');
  expect((await probe(health(1, '12'))).message).toMatch(
    /^error: this server does not implement the grpc health protocol/,
  );
  expect((await probe(createTcp(() => {}))).message).toBe(
    'timeout: failed to connect service "127.0.0.1:PORT" within 0.5s',
  );
});
