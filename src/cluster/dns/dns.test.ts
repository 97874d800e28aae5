import { Resolver } from 'node:dns/promises';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createLocalApi } from '../apiserver/local-api.ts';
import { Store } from '../store/index.ts';
import { startDns } from './index.ts';
import { readQuery } from './message.ts';

const namespace = 'shop';

async function freePort(): Promise<number> {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A cluster's DNS, asked by the resolver that Node.js brings. */
async function setUp() {
  const api = createLocalApi({
    store: new Store({ now: Date.now }),
    now: () => new Date(),
    validationRules: { allowLoopbackEndpoints: true },
  });
  for (const name of ['kube-system', namespace]) api.create('namespaces', { metadata: { name } });
  const port = await freePort();
  const dns = await startDns({
    api,
    host: '127.0.0.1',
    port,
    clusterIP: '10.96.0.10',
    hasWayOut: false,
  });
  onTestFinished(() => dns[Symbol.asyncDispose]());
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  const service = (name: string, spec: NonNullable<Service['spec']>) =>
    api.create<Service>('services', { metadata: { name, namespace }, spec });
  const slice = (of: string, endpoints: Endpoint[]) =>
    api.create<EndpointSlice>('endpointslices', {
      metadata: { name: `${of}-1`, namespace, labels: { 'kubernetes.io/service-name': of } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints,
    });
  const code = (asked: Promise<unknown>) =>
    asked.catch((error: Error & { code: string }) => error.code);
  return { api, port, resolver, service, slice, code };
}

test('a Service is its ClusterIP, its named ports are SRV records, and its address leads back', async () => {
  const { resolver, service, code } = await setUp();
  const ports = [{ name: 'http', port: 80 }];
  service('my-svc', { clusterIP: '10.96.7.7', ports });
  const name = 'my-svc.shop.svc.cluster.local';
  expect(await resolver.resolve4('MY-SVC.Shop.svc.cluster.local', { ttl: true })).toEqual([
    { address: '10.96.7.7', ttl: 5 },
  ]);
  expect(await resolver.resolveSrv(`_http._tcp.${name}`)).toMatchObject([
    { name, port: 80, priority: 0, weight: 100 },
  ]);
  expect(await resolver.reverse('10.96.7.7')).toEqual([name]);
  expect(await code(resolver.resolve6(name))).toBe('ENODATA');
  expect(await code(resolver.resolveSrv(`_https._tcp.${name}`))).toBe('ENOTFOUND');
  expect(await resolver.resolve4('kube-dns.kube-system.svc.cluster.local')).toEqual(['10.96.0.10']);
});

test('a headless Service is its ready Pods, by hostname where they have one', async () => {
  const { api, resolver, service, slice, code } = await setUp();
  service('db', { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] });
  const name = 'db.shop.svc.cluster.local';
  expect(await code(resolver.resolve4(name))).toBe('ENODATA');
  slice('db', [
    { addresses: ['10.244.1.2'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.244.2.2'], conditions: { ready: true } },
    { addresses: ['10.244.2.3'], hostname: 'db-2', conditions: { ready: false } },
  ]);
  expect((await resolver.resolve4(name)).sort()).toEqual(['10.244.1.2', '10.244.2.2']);
  expect(await resolver.resolve4(`db-0.${name}`)).toEqual(['10.244.1.2']);
  expect(await resolver.resolve4(`10-244-2-2.${name}`)).toEqual(['10.244.2.2']);
  expect(await code(resolver.resolve4(`db-2.${name}`))).toBe('ENOTFOUND');
  expect(await resolver.reverse('10.244.1.2')).toEqual([`db-0.${name}`]);
  const targets = (await resolver.resolveSrv(`_http._tcp.${name}`)).map((each) => each.name);
  expect(targets.sort()).toEqual([`10-244-2-2.${name}`, `db-0.${name}`]);

  api.delete('endpointslices', { namespace, name: 'db-1' });
  expect(await code(resolver.resolve4(name))).toBe('ENODATA');
});

test('answers for other names, for Pods by address, and refuses what is not of the cluster', async () => {
  const { resolver, service, code } = await setUp();
  service('outside', { type: 'ExternalName', externalName: 'example.com' });
  service('alias', { type: 'ExternalName', externalName: 'real.shop.svc.cluster.local' });
  service('real', { clusterIP: '10.96.7.8', ports: [{ port: 80 }] });
  const local = (name: string) => `${name}.shop.svc.cluster.local`;
  expect(await resolver.resolveCname(local('outside'))).toEqual(['example.com']);
  expect(await resolver.resolve4(local('alias'))).toEqual(['10.96.7.8']);
  expect(await resolver.resolve4('10-244-1-9.shop.pod.cluster.local')).toEqual(['10.244.1.9']);
  expect(await code(resolver.resolve4('10-244-1-9.nowhere.pod.cluster.local'))).toBe('ENOTFOUND');
  expect(await resolver.resolveTxt('dns-version.cluster.local')).toEqual([['1.1.0']]);
  expect(await resolver.resolveSoa('cluster.local')).toMatchObject({
    nsname: 'ns.dns.cluster.local',
  });
  expect(await code(resolver.resolve4(local('nobody')))).toBe('ENOTFOUND');
  expect(await code(resolver.resolve4('shop.svc.cluster.local'))).toBe('ENODATA');
  expect(await code(resolver.resolve4('example.com'))).toBe('EREFUSED');
  expect(await code(resolver.resolve4('example'))).toBe('ENOTFOUND');
});

test('an answer too long for UDP is asked for again over TCP', async () => {
  const { resolver, service, slice } = await setUp();
  service('many', { clusterIP: 'None', ports: [{ port: 80 }] });
  const endpoints = Array.from({ length: 100 }, (_, index) => ({
    addresses: [`10.244.1.${index + 2}`],
    conditions: { ready: true },
  }));
  slice('many', endpoints);
  expect(await resolver.resolve4('many.shop.svc.cluster.local')).toHaveLength(100);
});

function readOrError(bytes: Buffer) {
  try {
    return readQuery(bytes);
  } catch (error) {
    return error as Error;
  }
}

test('no message, however broken, is more than refused', async () => {
  const { port, resolver } = await setUp();
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {}).resume();
  socket.end(Buffer.from([0, 5, 1, 2, 3, 4, 5]));
  await once(socket, 'close');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const outcome = readOrError(Buffer.from(bytes));
      expect(outcome === undefined || 'question' in outcome || outcome instanceof RangeError).toBe(
        true,
      );
    }),
  );
  expect(await resolver.resolveTxt('dns-version.cluster.local')).toEqual([['1.1.0']]);
});
