import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ask, pod, says, settle, setUp, sliceOf } from './test-balancer.ts';

test('an endpoint that does not answer resets the client', async () => {
  const { api, address, balancer } = await setUp();
  api.create('endpointslices', sliceOf('one', 1, [{ addresses: ['127.78.0.99'] }]));
  await settle();
  expect(await ask(address)).toBe('ECONNRESET');
  await expect.poll(() => balancer.statistics()[0]?.connections.failed).toBe(1);
});

test('a reset by the endpoint reaches the client as a reset', async () => {
  const { api, address } = await setUp();
  const a = await pod((socket) => void socket.write('half', () => socket.resetAndDestroy()));
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  await settle();
  expect(await ask(address)).toBe('ECONNRESET');
});

test('each direction ends by itself, and bytes arrive whole through a slow reader', async () => {
  const { api, address } = await setUp();
  const size = 30_000_000;
  const a = await pod((socket) => {
    let received = 0;
    socket.on('data', (chunk) => (received += chunk.length));
    socket.on('end', () => {
      socket.write(Buffer.alloc(size, 1));
      socket.end(String(received));
    });
  });
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  await settle();
  const client = connect({ ...address, allowHalfOpen: true });
  client.end(Buffer.alloc(size, 2));
  let received = 0;
  let pauses = 0;
  let last = '';
  for await (const chunk of client) {
    received += chunk.length;
    last = String(chunk.subarray(-8));
    if (++pauses % 100 === 0) await delay(5);
  }
  expect(received).toBe(size + 8);
  expect(last).toBe(String(size));
});

test('a connection that the client resets is reset at the endpoint', async () => {
  const { api, address, balancer } = await setUp();
  const ended = Promise.withResolvers<string>();
  const a = await pod((socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => ended.resolve(error.code ?? 'error'));
    socket.on('end', () => ended.resolve('end'));
    socket.resume().write('hello');
  });
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  await settle();
  const client = connect(address);
  await once(client, 'data');
  client.resetAndDestroy();
  expect(await ended.promise).toBe('ECONNRESET');
  await expect.poll(() => balancer.statistics()[0]?.connections.open).toBe(0);
});

test('a client that has said all it has to say still hears the answer, and the other way round', async () => {
  const { api, address, balancer } = await setUp();
  const a = await pod((socket) => {
    // Its own end first: the client goes on to send.
    socket.end('greeting');
    let heard = '';
    socket.on('data', (chunk) => (heard += String(chunk)));
    socket.on('end', () => heards.push(heard));
  });
  const heards: string[] = [];
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  await settle();
  const client = connect({ ...address, allowHalfOpen: true });
  let greeting = '';
  for await (const chunk of client) greeting += String(chunk);
  expect(greeting).toBe('greeting');
  client.write('after ');
  await settle();
  client.end('the end');
  await expect.poll(() => heards).toEqual(['after the end']);
  await expect
    .poll(() => balancer.statistics())
    .toMatchObject([
      { connections: { total: 1, open: 0 }, bytes: { toEndpoint: 13, fromEndpoint: 8 } },
    ]);
});

test('every byte arrives in order, however it is cut and whoever is slow', async () => {
  const { api, address, balancer } = await setUp();
  const a = await pod((socket) => socket.pipe(socket));
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  await settle();
  const size = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 300_000 }));
  const step = fc.record({ size, wait: fc.constantFrom(0, 0, 0, 1) });
  let carried = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 30 }),
      fc.constantFrom(0, 1, 3),
      async (steps, slowness) => {
        const client = connect({ ...address, allowHalfOpen: true });
        const write = async () => {
          let next = 0;
          for (const { size: length, wait } of steps) {
            const chunk = Buffer.from(Array.from({ length }, () => next++ % 251));
            if (!client.write(chunk)) await once(client, 'drain');
            if (wait > 0) await delay(wait);
          }
          client.end();
          return next;
        };
        const read = async () => {
          let expected = 0;
          for await (const chunk of client) {
            for (const byte of chunk as Buffer) {
              if (byte !== expected++ % 251) throw new Error(`byte ${expected - 1} is wrong`);
            }
            if (slowness > 0) await delay(slowness);
          }
          return expected;
        };
        const [sent, received] = await Promise.all([write(), read()]);
        expect(received).toBe(sent);
        carried += sent;
      },
    ),
    { numRuns: 25 },
  );
  await expect
    .poll(() => balancer.statistics()[0]?.bytes)
    .toEqual({ toEndpoint: carried, fromEndpoint: carried });
});

test('a reader that does not read holds nobody else up, and the memory stays small', async () => {
  const { api, address } = await setUp();
  const a = await pod((socket) => {
    const chunk = Buffer.alloc(1_000_000);
    const send = () => {
      while (socket.write(chunk));
    };
    socket.on('drain', send);
    send();
  });
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  await settle();
  const before = process.memoryUsage.rss();
  const stuck = Array.from({ length: 20 }, () => connect(address).pause());
  await settle();
  const client = connect(address);
  let received = 0;
  for await (const chunk of client) {
    received += chunk.length;
    if (received > 50_000_000) break;
  }
  // Without backpressure they would hold what the endpoint can send in that time: gigabytes.
  expect(process.memoryUsage.rss() - before).toBeLessThan(300_000_000);
  for (const socket of stuck) socket.destroy();
});

test('two thousand connections that come and go leave nothing behind', async () => {
  const { api, address, balancer } = await setUp();
  const a = await pod(says('a'));
  api.create('endpointslices', sliceOf('one', a.port, [{ addresses: [a.address] }]));
  await settle();
  const openSockets = () =>
    process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  const before = openSockets();
  const client = async () => {
    for (let count = 0; count < 50; count += 1) expect(await ask(address)).toBe('a');
  };
  await Promise.all(Array.from({ length: 40 }, client));
  await expect
    .poll(() => balancer.statistics())
    .toMatchObject([
      { connections: { total: 2000, open: 0, failed: 0 }, bytes: { fromEndpoint: 2000 } },
    ]);
  await expect.poll(openSockets).toBe(before);
});
