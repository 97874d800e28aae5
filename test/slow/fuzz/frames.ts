import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { FuzzClient } from './client.ts';
import type { Random } from './random.ts';

/** Bytes that are no HTTP, or nearly: answered or not, the connection is given up soon. */
export async function rawBytes(random: Random, client: FuzzClient): Promise<void> {
  const { token } = client.access;
  const socket = await client.socket();
  const sound = `${random.pick(['GET', 'POST', 'PUT'])} /api/v1/pods HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`;
  const bytes = random.pick([
    () => random.bytes(500),
    () => mangled(random, Buffer.from(`${sound}Content-Length: 5\r\n\r\nhello`)),
    () => Buffer.from(`${sound}Content-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
    () => Buffer.from(`${sound}Content-Length: -1\r\n\r\n`),
    () => Buffer.from(`${sound}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n`),
    () => Buffer.from(`${sound}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`),
    () => Buffer.from(`${sound}X: ${'y'.repeat(100_000)}\r\n\r\n`),
    () => Buffer.from(`${sound.repeat(3)}\r\n`),
    () => Buffer.from(`${sound}\r\n`.repeat(50)),
    () => Buffer.from(`CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n`),
    () => Buffer.from(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`),
    () => Buffer.from(`GET ${'/x'.repeat(40_000)} HTTP/1.1\r\n\r\n`),
    () => Buffer.from(`GET /api HTTP/9.9\r\n\r\n`),
    () =>
      Buffer.from(
        `${sound}Expect: ${random.pick(['100-continue', 'x'])}\r\nContent-Length: 2\r\n\r\n`,
      ),
  ])();
  socket.write(bytes);
  await leave(random, socket);
}

/** An upgrade as it should be, and then frames as they should not. */
export async function malformedFrames(
  random: Random,
  client: FuzzClient,
  pod: string,
): Promise<void> {
  const { token } = client.access;
  const isSpdy = random.chance(0.5);
  const exec = `exec?command=${random.pick(['cat', 'none'])}&stdin=true&stdout=true&stderr=true&tty=${random.chance(0.3)}`;
  const subresource = random.pick([
    exec,
    exec,
    'attach?stdin=true&stdout=true',
    'portforward?ports=80',
    'portforward',
    'log?follow=true',
  ]);
  const isForward = subresource.startsWith('portforward');
  const upgrade = isSpdy
    ? `Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${isForward ? 'portforward.k8s.io' : 'v4.channel.k8s.io'}\r\n`
    : `Upgrade: websocket\r\nSec-WebSocket-Version: ${random.chance(0.95) ? 13 : 8}\r\nSec-WebSocket-Key: ${random.chance(0.95) ? 'dGhlIHNhbXBsZSBub25jZQ==' : 'x'}\r\n${
        subresource.startsWith('log')
          ? ''
          : `Sec-WebSocket-Protocol: ${random.pick(['v5.channel.k8s.io', 'v4.channel.k8s.io', isForward ? 'SPDY/3.1+portforward.k8s.io' : 'v5.channel.k8s.io', 'x'])}\r\n`
      }`;
  const socket = await client.socket();
  socket.write(
    `${isSpdy ? 'POST' : 'GET'} ${pod}/${subresource} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: Upgrade\r\n${upgrade}\r\n`,
  );
  if (random.chance(0.8))
    await Promise.race([settled(once(socket, 'data')), delay(2000, undefined, { ref: false })]);
  for (let count = random.below(6); count > 0; count -= 1)
    socket.write(isSpdy ? spdyFrame(random) : webSocketFrame(random));
  await leave(random, socket);
}

async function leave(
  random: Random,
  socket: Awaited<ReturnType<FuzzClient['socket']>>,
): Promise<void> {
  socket.resume();
  if (random.chance(0.5)) {
    socket.end();
    await Promise.race([settled(once(socket, 'close')), delay(150)]);
  } else await delay(random.below(60));
  socket.destroy();
}

/** A connection that is reset is an answer too. */
function settled(event: Promise<unknown>): Promise<unknown> {
  return event.catch(() => {});
}

function webSocketFrame(random: Random): Buffer {
  const payload = random.pick([
    () => Buffer.concat([Buffer.of(random.below(6)), random.bytes(100)]),
    () => Buffer.from([4, ...Buffer.from('{"Width":-1,"Height":1e99}')]),
    () => Buffer.from([4, ...Buffer.from('{"Width":')]),
    () => Buffer.from([255, random.below(5)]),
    () => Buffer.alloc(0),
    () => Buffer.alloc(70_000, 1),
    // To stdin, more than a pipe holds: what its process does not read waits in the node's.
    () => Buffer.alloc(70_000, 0),
    () => spdyFrame(random),
  ])();
  // Now and then with a reserved bit or opcode, in pieces, or without a mask.
  const first = random.chance(0.8) ? 0x82 : random.below(256);
  const mask = random.chance(0.9) ? 0x80 : 0;
  const claimed = random.chance(0.9)
    ? payload.length
    : random.pick([1, 125, 65_535, 2 ** 40, 2 ** 63]);
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = mask | 127;
  head.writeBigUInt64BE(BigInt(claimed), 2);
  const key = Buffer.from([0, 0, 0, 0]);
  return Buffer.concat([head, ...(mask ? [key] : []), payload]);
}

function spdyFrame(random: Random): Buffer {
  const payload = random.pick([
    () => random.bytes(60),
    () => Buffer.alloc(0),
    () =>
      Buffer.concat([
        Buffer.from([0, 0, 0, 1 + 2 * random.below(4), 0, 0, 0, 0, 0, 0]),
        random.bytes(80),
      ]),
    () => Buffer.alloc(4),
  ])();
  const head = Buffer.alloc(8);
  if (random.chance(0.3)) head.writeUInt32BE(1 + 2 * random.below(4), 0);
  else {
    head.writeUInt16BE(random.chance(0.9) ? 0x8003 : 0x8002, 0);
    head.writeUInt16BE(random.pick([1, 1, 1, 2, 3, 4, 6, 7, 8, 9, 200]), 2);
  }
  head[4] = random.pick([0, 0, 1, 2, 255]);
  head.writeUIntBE(random.chance(0.95) ? payload.length : random.pick([2 ** 24 - 1, 0, 3]), 5, 3);
  return Buffer.concat([head, payload]);
}

function mangled(random: Random, bytes: Buffer): Buffer {
  for (let count = 1 + random.below(5); count > 0; count -= 1)
    bytes[random.below(bytes.length)] = random.below(256);
  return random.chance(0.3) ? bytes.subarray(0, random.below(bytes.length)) : bytes;
}
