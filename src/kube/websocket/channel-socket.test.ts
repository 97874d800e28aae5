import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent as HttpAgent, createServer as createHttp, type Server } from 'node:http';
import { Agent as HttpsAgent, createServer as createHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { selfSigned } from '../../../test/support/self-signed.ts';
import { hasTools } from '../../../test/support/tools.ts';
import type { Credentials } from '../kubeconfig.ts';
import type { ChannelSocket } from './channel-socket.ts';
import { shakeHands, UpgradeRefused, type Handshake } from './handshake.ts';

/** What a client dials itself, and what goes by an agent, as it does where there is a proxy. */
const wires = ['http', 'https', 'http by an agent', 'https by an agent'] as const;
type WireName = (typeof wires)[number];

async function listen(server: Server, scheme: string): Promise<URL> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

async function serve(name: WireName, behaviour: (socket: WebSocket) => void): Promise<Handshake> {
  const isTls = name.startsWith('https');
  const certificate = isTls ? selfSigned() : undefined;
  const server = certificate ? createHttps(certificate) : createHttp();
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'v5.channel.k8s.io' });
  sockets.on('connection', behaviour);
  onTestFinished(() => sockets.clients.forEach((socket) => socket.terminate()));
  const ca = certificate && [certificate.cert];
  const agent = isTls ? new HttpsAgent(ca && { ca }) : new HttpAgent();
  const proxyAgent = name.endsWith('agent') ? (agent as Credentials['proxyAgent']) : undefined;
  return {
    url: await listen(server, isTls ? 'https' : 'http'),
    protocols: ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
    credentials: { headers: {}, tls: ca ? { ca: Buffer.concat(ca) } : {}, proxyAgent },
  };
}

/** The connection below, for what a server should not do. */
function rawOf(socket: WebSocket): Socket {
  return (socket as unknown as { _socket: Socket })._socket;
}

/** Everything until the close; pauses now and then, for as long as `pauseMs` says. */
async function readAll(socket: ChannelSocket, pauseMs?: () => number): Promise<[string, string]> {
  const hash = createHash('sha256');
  const how = await new Promise<string>((resolve) => {
    socket.listen({
      onBytes: (channel, bytes) => {
        expect(channel).toBe(1);
        hash.update(bytes);
        const ms = pauseMs?.() ?? 0;
        if (ms === 0) return;
        socket.pause();
        setTimeout(() => socket.resume(), ms);
      },
      onClose: (_, said) => resolve(said),
    });
    socket.resume();
  });
  return [hash.digest('hex'), how];
}

test.for(wires)(
  'brings everything in its order, however often it is paused: %s',
  async (name, { skip }) => {
    if (name.startsWith('https') && !hasTools('openssl')) skip('there is no openssl');
    const sizes = [0, 1, 125, 126, 4096, 65_535, 65_536, 300_000];
    const payloads = Array.from({ length: 40 }, (_, at) =>
      randomBytes(sizes[at % sizes.length] ?? 0),
    );
    const options = await serve(name, (socket) => {
      for (const payload of payloads) socket.send(Buffer.concat([Buffer.of(1), payload]));
      socket.close(1000, 'all of it');
    });
    const expected = createHash('sha256').update(Buffer.concat(payloads)).digest('hex');
    let pieces = 0;
    const socket = await shakeHands(options);
    expect(socket.protocol).toBe('v5.channel.k8s.io');
    const now = await readAll(socket, () => {
      pieces += 1;
      return pieces % 7 === 0 ? 1 : 0;
    });
    expect(now).toEqual([expected, 'closed (1000 all of it)']);
  },
);

test.for(wires)(
  'what came before the close is told before the close: %s',
  async (name, { skip }) => {
    if (name.startsWith('https') && !hasTools('openssl')) skip('there is no openssl');
    const options = await serve(name, (socket) => {
      socket.send(Buffer.from('\x01early'));
      rawOf(socket).end();
    });
    const socket = await shakeHands(options);
    await sleep(50);
    const [hash, how] = await readAll(socket);
    expect(hash).toBe(createHash('sha256').update('early').digest('hex'));
    expect(how).toBe('closed (1006)');
  },
);

test('what is sent arrives whole, and a ping is answered with its own words', async () => {
  const message = randomBytes(70_000);
  const heard: Buffer[] = [];
  let pong = '';
  const options = await serve('http', (socket) => {
    socket.on('message', (data: Buffer) => {
      heard.push(data);
      if (heard.length === 3) socket.ping('are you there');
    });
    socket.on('pong', (data: Buffer) => {
      pong = data.toString();
      socket.close(1000);
    });
  });
  const socket = await shakeHands(options);
  for (const each of [Buffer.from('short'), message.subarray(0, 1000), message]) socket.send(each);
  await readAll(socket);
  expect(pong).toBe('are you there');
  expect(heard).toEqual([Buffer.from('short'), message.subarray(0, 1000), message]);
  expect(socket.isOpen).toBe(false);
  await new Promise<void>((resolve) => {
    socket.send(Buffer.of(1), (error) => {
      expect(error?.message).toContain('closed');
      resolve();
    });
  });
});

test('a frame that no server may send ends the connection, and says what was wrong', async () => {
  const options = await serve('http', (socket) => {
    rawOf(socket).write(Buffer.of(0x83, 1, 1));
  });
  const [, how] = await readAll(await shakeHands(options));
  expect(how).toBe('failed (no such opcode: 3)');
});

test('a close that nobody answers does not keep the connection', async () => {
  const gone = Promise.withResolvers<void>();
  const options = await serve('http', (socket) => {
    socket.on('close', () => gone.resolve());
    socket.pause();
  });
  const socket = await shakeHands(options);
  socket.close();
  const [, how] = await readAll(socket);
  expect(how).toContain('1006');
});

test('who is no WebSocket server is told apart from one that refuses', async () => {
  const credentials = { headers: {}, tls: {}, proxyAgent: undefined };
  const protocols = ['v5.channel.k8s.io'];
  const plain = createHttp((_, response) => response.writeHead(403).end('no'));
  const refusal = shakeHands({ url: await listen(plain, 'http'), protocols, credentials });
  await expect(refusal).rejects.toBeInstanceOf(UpgradeRefused);
  for (const [headers, said] of [
    ['Upgrade: websocket\r\nSec-WebSocket-Accept: x', 'does not belong'],
    ['Upgrade: tcp', 'not to a WebSocket'],
  ]) {
    const odd = createHttp();
    odd.on('upgrade', (_, socket) =>
      socket.write(`HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\n${headers}\r\n\r\n`),
    );
    const asked = shakeHands({ url: await listen(odd, 'http'), protocols, credentials });
    await expect(asked).rejects.toThrow(said);
  }
});

test('a server whose certificate nobody vouches for gets no word', async ({ skip }) => {
  if (!hasTools('openssl')) skip('there is no openssl');
  const options = await serve('https', () => expect.unreachable());
  const credentials = { headers: {}, tls: {}, proxyAgent: undefined };
  await expect(shakeHands({ ...options, credentials })).rejects.toThrow(/self-signed certificate/);
});
