import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { expect, onTestFinished, test } from 'vitest';
import { ask, namespace, pod, says, servicePort, settle, setUp, sliceOf } from './test-balancer.ts';
import { createUdp } from './udp.ts';

const ports = [{ name: 'dns', port: servicePort, protocol: 'UDP' }];

/** A Pod that answers each datagram with its name and what it was sent. */
async function udpPod(name: string): Promise<{ address: string; port: number }> {
  const socket = createSocket('udp4');
  socket.on('message', (datagram, { port, address }) =>
    socket.send(`${name}:${datagram.toString()}`, port, address),
  );
  socket.bind(0, '127.78.0.10');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { address: '127.78.0.10', port: socket.address().port };
}

function udpSlice(
  name: string,
  { address, port }: { address: string; port: number },
): EndpointSlice {
  const slice = sliceOf(name, port, [{ addresses: [address] }]);
  return { ...slice, ports: [{ name: 'dns', port, protocol: 'UDP' }] };
}

/** A client with one address and port of its own. */
async function udpClient(server: { host: string; port: number }) {
  const socket = createSocket('udp4');
  socket.connect(server.port, server.host);
  await once(socket, 'connect');
  onTestFinished(() => void socket.close());
  return {
    socket,
    ask: (text: string) => answerTo(socket, text),
  };
}

async function answerTo(socket: Socket, text: string): Promise<string> {
  const answer = Promise.withResolvers<string>();
  const [heard, refused] = [
    (datagram: Buffer) => answer.resolve(datagram.toString()),
    (error: NodeJS.ErrnoException) => answer.resolve(error.code ?? 'error'),
  ];
  socket.once('message', heard).once('error', refused);
  const timer = setTimeout(() => answer.resolve('silence'), 1000);
  socket.send(text);
  const result = await answer.promise;
  clearTimeout(timer);
  socket.off('message', heard).off('error', refused);
  return result;
}

test('what one client sends stays with one endpoint, and others go elsewhere', async () => {
  const { api, address, balancer } = await setUp({ service: { ports } });
  const [a, b] = [await udpPod('a'), await udpPod('b')];
  api.create('endpointslices', udpSlice('one', a));
  api.create('endpointslices', udpSlice('two', b));
  await settle();
  const names = new Set<string>();
  for (let count = 0; count < 20; count += 1) {
    const client = await udpClient(address);
    const [name] = (await client.ask('1')).split(':');
    for (const text of ['2', '3']) expect(await client.ask(text)).toBe(`${name}:${text}`);
    names.add(name!);
  }
  expect(names).toEqual(new Set(['a', 'b']));
  const counted = balancer.statistics();
  expect(counted.map(({ protocol }) => protocol)).toEqual(['UDP', 'UDP']);
  expect(counted[0]!.connections.open + counted[1]!.connections.open).toBe(20);
  expect(counted[0]!.bytes.toEndpoint + counted[1]!.bytes.toEndpoint).toBe(60);
  expect(counted[0]!.bytes.fromEndpoint + counted[1]!.bytes.fromEndpoint).toBe(180);
});

test('a client moves when its endpoint serves no more, and is refused when there is none', async () => {
  const { api, address, balancer } = await setUp({ service: { ports } });
  const [a, b] = [await udpPod('a'), await udpPod('b')];
  expect(await (await udpClient(address)).ask('too early')).toBe('ECONNREFUSED');
  api.create('endpointslices', udpSlice('one', a));
  await settle();
  const client = await udpClient(address);
  expect(await client.ask('1')).toBe('a:1');
  api.create('endpointslices', udpSlice('two', b));
  // Another slice of the Service has changed: that is no reason to move.
  for (const text of ['2', '3', '4', '5']) expect(await client.ask(text)).toBe(`a:${text}`);
  api.delete('endpointslices', { namespace, name: 'one' });
  expect(await client.ask('6')).toBe('b:6');
  expect(balancer.statistics().map(({ connections }) => connections.open)).toEqual([0, 1]);
  api.delete('endpointslices', { namespace, name: 'two' });
  await settle();
  expect(await client.ask('7')).toBe('ECONNREFUSED');
  expect(balancer.statistics().map(({ connections }) => connections.open)).toEqual([0, 0]);
});

test('a UDP node port answers, and loses its clients when it is deleted', async () => {
  const nodePort = 30_000 + (process.pid % 2768);
  const service = { type: 'NodePort', ports: [{ ...ports[0]!, nodePort }] };
  const { api, balancer, failures } = await setUp({ service });
  api.create('endpointslices', udpSlice('one', await udpPod('a')));
  await settle();
  expect(failures).toEqual([]);
  const client = await udpClient({ host: '127.0.0.1', port: nodePort });
  expect(await client.ask('1')).toBe('a:1');
  api.delete('services', { namespace, name: 'web' });
  await settle();
  expect(await client.ask('2')).toBe('ECONNREFUSED');
  expect(balancer.statistics()[0]!.connections.open).toBe(0);
});

test('with ClientIP affinity all ports of one client address go to one endpoint', async () => {
  const { api, address } = await setUp({ service: { ports, sessionAffinity: 'ClientIP' } });
  for (const name of ['a', 'b', 'c'])
    api.create('endpointslices', udpSlice(name, await udpPod(name)));
  await settle();
  const names = new Set<string | undefined>();
  for (let count = 0; count < 12; count += 1) {
    names.add((await (await udpClient(address)).ask('x')).split(':')[0]);
  }
  expect(names.size).toBe(1);
});

test('TCP and UDP of one number are two ports', async () => {
  const both = [
    { name: 'dns', port: servicePort, protocol: 'UDP' },
    { name: 'dns-tcp', port: servicePort, protocol: 'TCP' },
  ];
  const { api, address } = await setUp({ service: { ports: both } });
  api.create('endpointslices', udpSlice('udp', await udpPod('u')));
  await settle();
  expect(await (await udpClient(address)).ask('1')).toBe('u:1');
  expect(await ask(address)).toBe('ECONNREFUSED');
  const tcp = await pod(says('t'));
  const slice = sliceOf('tcp', tcp.port, [{ addresses: [tcp.address] }]);
  api.create('endpointslices', { ...slice, ports: [{ name: 'dns-tcp', port: tcp.port }] });
  await settle();
  expect(await ask(address)).toBe('t');
});

test('a client that falls silent is forgotten', async () => {
  const { port, address } = await udpPod('a');
  const counter = { open: 0, opened: () => (counter.open += 1) };
  using udp = createUdp({ localAddress: undefined, idleMs: { unanswered: 100, answered: 200 } });
  const endpoint = {
    address,
    port,
    name: `${address}:${port}`,
    ready: true,
    serving: true,
    terminating: false,
  };
  const picked = {
    endpoint,
    counter: {
      opened: counter.opened,
      carries() {},
      closed: () => (counter.open -= 1),
      failed() {},
    },
  };
  const place = { host: '127.78.0.20', port: 20_000 + (process.pid % 10_000) };
  await udp.listen(place, { choose: () => picked, endpoints: () => [endpoint] });
  const client = await udpClient(place);
  expect(await client.ask('1')).toBe('a:1');
  expect(counter.open).toBe(1);
  await expect.poll(() => counter.open, { timeout: 30_000 }).toBe(0);
  expect(await client.ask('2')).toBe('a:2');
});
