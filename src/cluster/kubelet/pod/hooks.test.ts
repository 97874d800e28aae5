import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import type { ContainerProcess } from '../runtime/runtime.ts';
import { runHook } from './hooks.ts';

test.for(['127.0.0.1', '::1'])('asks a hook’s own host, %s', async (host, { skip }) => {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  if (!addresses.some(({ address }) => address === host)) skip(`this machine has no ${host}`);
  const seen: unknown[] = [];
  const server = createServer(({ url, headers }, response) => {
    const { host: asked, 'user-agent': agent, 'x-shop': shop } = headers;
    seen.push(url, asked, agent, Buffer.from(`${shop}`, 'latin1').toString());
    response.writeHead(url === '/drain' ? 204 : 404).end();
  }).listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const target = {
    container: { name: 'web' },
    process: {} as ContainerProcess,
    podIp: '192.0.2.1',
  };
  const place = `${host === '::1' ? '[::1]' : host}:${port}`;

  const httpHeaders = [{ name: 'X-Shop', value: 'Bäckerei ✓' }];
  await runHook({ httpGet: { host, port, path: 'drain', httpHeaders } }, target);
  expect(seen).toEqual(['/drain', place, 'kube-lifecycle/1.36', 'Bäckerei ✓']);
  await expect(runHook({ httpGet: { host, port } }, target)).rejects.toThrow(
    `Get "http://${place}/": status 404`,
  );
});
