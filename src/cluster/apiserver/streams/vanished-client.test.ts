import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Writable, type Duplex } from 'node:stream';
import { constants, createDeflate } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ExecSession, NodeAgent } from '../../api.ts';
import { handleStreamUpgrade } from './index.ts';
import { SPDY_DICTIONARY } from './spdy/dictionary.ts';
import { controlFrame, dataHead, TYPE } from './spdy/frames.ts';

/** More than is kept for a container that reads nothing. */
const INPUT_BYTES = 8 << 20;
const MEGABYTE = Buffer.alloc(1 << 20, 'pitstop');
const SOON = { interval: 10 };

/** An API server before a container that reads nothing of its input until `read` is called. */
async function blocked() {
  const pod = {
    metadata: { name: 'box' },
    spec: { nodeName: 'node', containers: [{ name: 'box', stdin: true }] },
    status: { phase: 'Running' },
  };
  let mayGoOn = false;
  let goOn = () => {};
  const abandoned = Promise.withResolvers<void>();
  let bytes = 0;
  const session: ExecSession = {
    stdin: new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        bytes += chunk.length;
        if (mayGoOn) done();
        else goOn = done;
      },
    }),
    resize: () => {},
    exit: new Promise(() => {}),
    abandon: () => abandoned.resolve(),
  };
  const agent = { attach: () => Promise.resolve(session) } as unknown as NodeAgent;
  const server = createServer().listen(0, '127.0.0.1');
  const connections: Duplex[] = [];
  server.on('upgrade', (request, socket, head) => {
    connections.push(socket);
    socket.on('error', () => {});
    const url = new URL(request.url ?? '/', 'http://localhost');
    void handleStreamUpgrade({ request, socket, head, url, pod, subresource: 'attach', agent });
  });
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  onTestFinished(() => void connections[0]?.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    abandoned: abandoned.promise,
    read: () => {
      mayGoOn = true;
      goOn();
    },
    bytes: () => bytes,
    isBlocked: () => bytes > 0 && connections[0]?.isPaused() === true,
  };
}

async function attachOverWebSocket(port: number, outputs: string) {
  const url = `ws://127.0.0.1:${port}/attach?stdin=true${outputs}`;
  const socket = new WebSocket(url, 'v5.channel.k8s.io');
  await once(socket, 'open');
  for (let count = 0; count < INPUT_BYTES; count += MEGABYTE.length) {
    socket.send(Buffer.from([0]), { fin: false });
    socket.send(MEGABYTE);
  }
  return socket;
}

/** As a Go client of SPDY opens its streams, without waiting for anything. */
async function attachOverSpdy(port: number) {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST /attach?stdin=true HTTP/1.1\r\nHost: box\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n',
  );
  await once(socket, 'data');
  socket.resume();
  const deflate = createDeflate({ dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH });
  for (const [i, type] of ['error', 'stdin'].entries()) {
    const words = ['streamtype', type].map((word) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(word.length);
      return Buffer.concat([length, Buffer.from(word)]);
    });
    deflate.write(Buffer.concat([Buffer.from([0, 0, 0, 1]), ...words]));
    const [block] = (await once(deflate, 'data')) as [Buffer];
    const head = Buffer.alloc(10);
    head.writeUInt32BE(2 * i + 1);
    socket.write(controlFrame(TYPE.synStream, Buffer.concat([head, block])));
  }
  for (let count = 0; count < INPUT_BYTES; count += MEGABYTE.length) {
    socket.write(dataHead(3, { flags: 0, length: MEGABYTE.length }));
    socket.write(MEGABYTE);
  }
  return socket;
}

test.each(['&stdout=true', ''])(
  'a client that vanishes while its input is blocked is noticed: attach%s',
  { timeout: 30_000 },
  async (outputs) => {
    const { port, abandoned, isBlocked } = await blocked();
    const socket = await attachOverWebSocket(port, outputs);
    await expect.poll(isBlocked, SOON).toBe(true);
    socket.terminate();
    await abandoned;
  },
);

test('so is one that speaks SPDY', async () => {
  const { port, abandoned, isBlocked } = await blocked();
  const socket = await attachOverSpdy(port);
  await expect.poll(isBlocked, SOON).toBe(true);
  socket.destroy();
  await abandoned;
});

test('one that waits hears nothing but empty messages, and all of its input arrives', async () => {
  const { port, isBlocked, read, bytes } = await blocked();
  const socket = await attachOverWebSocket(port, '&stdout=true');
  onTestFinished(() => socket.terminate());
  const heard: Buffer[] = [];
  socket.on('message', (message: Buffer) => heard.push(message));
  await expect.poll(isBlocked, SOON).toBe(true);
  await expect.poll(() => heard.length, SOON).toBeGreaterThan(1);
  expect([...new Set(heard.map((message) => message.toString('hex')))]).toEqual(['01']);
  read();
  await expect.poll(bytes, SOON).toBe(INPUT_BYTES);
  await expect.poll(isBlocked, SOON).toBe(false);
});
