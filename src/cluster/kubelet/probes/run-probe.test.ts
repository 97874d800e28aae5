import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Probe } from 'kubernetes-types/core/v1.js';
import { expect, onTestFinished, test } from 'vitest';
import type { ContainerProcess } from '../runtime/runtime.ts';
import { runProbe } from './run-probe.ts';

/** HTTP and TCP probes never look at the process. */
const process = {} as ContainerProcess;

/** What a probe is told of a container whose port `http` is this server's. */
async function targetOf(server: Server, address: string) {
  server.listen(0, address);
  await once(server, 'listening');
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const container = { name: 'web', ports: [{ name: 'http', containerPort: port }] };
  return { container, process, podIp: '127.0.0.1', localAddress: '127.0.0.1', port };
}

async function probeOf(listener: RequestListener, timeoutMs = 1000) {
  const target = await targetOf(createServer(listener), '127.0.0.1');
  const outcome = await runProbe(
    { httpGet: { path: '/ready', port: 'http' } },
    { target, timeoutMs },
  );
  return { ...outcome, message: outcome.message.replaceAll(`${target.port}`, 'PORT') };
}

test.each([200, 204, 302, 399])('status %i is a success', async (status) => {
  expect(await probeOf((_, response) => response.writeHead(status).end())).toEqual({
    success: true,
    message: '',
  });
});

test('comes as kube-probe, from the node, to the path', async () => {
  const seen: unknown[] = [];
  await probeOf((request, response) => {
    seen.push(request.url, request.headers['user-agent'], request.socket.remoteAddress);
    response.end();
  });
  expect(seen).toEqual(['/ready', 'kube-probe/1.36', '127.0.0.1']);
});

test('sends a header that is not ASCII as UTF-8', async () => {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    seen.push(Buffer.from(`${request.headers['x-shop']}`, 'latin1').toString());
    response.end();
  });
  const target = await targetOf(server, '127.0.0.1');
  const httpHeaders = [{ name: 'X-Shop', value: 'Bäckerei ✓' }];
  await runProbe({ httpGet: { port: 'http', httpHeaders } }, { target, timeoutMs: 1000 });
  expect(seen).toEqual(['Bäckerei ✓']);
});

test('says in the kubelet’s words what failed', async () => {
  expect(await probeOf((_, response) => response.writeHead(503).end())).toMatchObject({
    success: false,
    message: 'HTTP probe failed with statuscode: 503',
  });
  expect((await probeOf(() => {}, 100)).message).toBe(
    'Get "http://127.0.0.1:PORT/ready": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
  );
  const target = {
    container: { name: 'web' },
    process,
    podIp: '127.0.0.1',
    localAddress: '127.0.0.1',
  };
  expect(await runProbe({ tcpSocket: { port: 1 } }, { target, timeoutMs: 1000 })).toEqual({
    success: false,
    message: 'dial tcp 127.0.0.1:1: connect: connection refused',
  });
});

test('a host may be an IPv6 address', async ({ skip }) => {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  if (!addresses.some(({ address }) => address === '::1')) skip('this machine has no ::1');
  const server = createServer((_, response) => response.writeHead(404).end());
  const target = await targetOf(server, '::1');
  const outcomeOf = (probe: Probe) => runProbe(probe, { target, timeoutMs: 1000 });
  const host = '::1';
  expect(await outcomeOf({ tcpSocket: { host, port: 'http' } })).toEqual({
    success: true,
    message: '',
  });
  expect(await outcomeOf({ httpGet: { host, port: 'http' } })).toEqual({
    success: false,
    message: 'HTTP probe failed with statuscode: 404',
  });
  const refused = { success: false, message: 'dial tcp [::1]:1: connect: connection refused' };
  expect(await outcomeOf({ tcpSocket: { host, port: 1 } })).toEqual(refused);
  expect(await outcomeOf({ httpGet: { host, port: 1, path: '/up' } })).toEqual({
    success: false,
    message: `Get "http://[::1]:1/up": ${refused.message}`,
  });
});

test('follows redirects on the same host, and takes one to another host for a success', async () => {
  const redirect = (to: string) =>
    probeOf((request, response) =>
      request.url === '/ready'
        ? response.writeHead(302, { location: to }).end('moved')
        : response.writeHead(500).end(),
    );
  expect(await redirect('/broken')).toEqual({
    success: false,
    message: 'HTTP probe failed with statuscode: 500',
  });
  expect(await redirect('http://example.com/')).toEqual({
    success: true,
    message: '',
    warning: 'Probe terminated redirects, Response body: moved',
  });
});

test('a probe that makes no sense is told of, not thrown', async () => {
  const container = { name: 'web', ports: [{ name: 'http', containerPort: 1 }] };
  const target = { container, process, podIp: '127.0.0.1', localAddress: '127.0.0.1' };
  const outcomeOf = (probe: Probe) => runProbe(probe, { target, timeoutMs: 1000 });
  const unknown = { success: false, isUnknown: true };
  for (const at of [{ httpGet: { port: 'https' } }, { tcpSocket: { port: 'https' } }])
    expect(await outcomeOf(at)).toEqual({
      ...unknown,
      message: 'strconv.Atoi: parsing "https": invalid syntax',
    });
  expect(await outcomeOf({ httpGet: { port: 'http', host: 'no host' } })).toMatchObject(unknown);
  const httpHeaders = [{ name: 'x', value: 'two\nlines' }];
  expect(await outcomeOf({ httpGet: { port: 'http', httpHeaders } })).toMatchObject(unknown);
});

test('an answer that switches protocols is an answer', async () => {
  const headers = { connection: 'upgrade', upgrade: 'x' };
  expect(await probeOf((_, response) => response.writeHead(101, headers).end())).toEqual({
    success: false,
    message: 'HTTP probe failed with statuscode: 101',
  });
});
