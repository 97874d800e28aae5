import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Connection } from './kubeconfig.ts';
import { portForward } from './port-forward.ts';

const where = { namespace: 'shop', pod: 'web', port: 9229 };

async function serve(
  behaviour: (socket: WebSocket, url: string) => void,
  refuse?: { readonly status: number; readonly body: string },
): Promise<Connection> {
  const http = createServer();
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  http.on('upgrade', (request, socket, head) => {
    if (refuse) {
      const { status, body } = refuse;
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      // As the kubelet does: the port, two bytes, on both channels.
      for (const channel of [0, 1]) ws.send(Buffer.of(channel, 9229 & 255, 9229 >> 8));
      behaviour(ws, request.url ?? '');
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    sockets.clients.forEach((socket) => socket.terminate());
    http.close();
  });
  return {
    server: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    context: 'test',
    namespace: 'shop',
    user: 'tester',
    credentials: () =>
      Promise.resolve({ headers: { Authorization: 'Bearer x' }, tls: {}, proxyAgent: undefined }),
  };
}

test('carries bytes both ways and ends where the other side ends', async () => {
  let asked = '';
  const connection = await serve((socket, url) => {
    asked = `${url} ${socket.protocol}`;
    socket.on('message', (message: Buffer) => {
      socket.send(Buffer.concat([Buffer.of(0), Buffer.from(`got ${message.subarray(1)}`)]));
      socket.send(Buffer.of(0));
      socket.close(1000);
    });
  });
  const stream = await portForward(connection, where);
  stream.write('ping');
  expect((await buffer(stream)).toString()).toBe('got ping');
  expect(asked).toBe('/api/v1/namespaces/shop/pods/web/portforward?ports=9229 v4.channel.k8s.io');
});

test('large writes arrive whole and in order, in frames a kubelet takes', async () => {
  const sizes: number[] = [];
  const got: Buffer[] = [];
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
  const connection = await serve((socket) => {
    socket.on('message', (message: Buffer) => {
      sizes.push(message.length);
      got.push(message.subarray(1));
      if (Buffer.concat(got).length === sent.length) socket.close(1000);
    });
  });
  const stream = await portForward(connection, where);
  stream.write(sent);
  await buffer(stream);
  expect(Buffer.concat(got).equals(sent)).toBe(true);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(32 * 1024 + 1);
});

test('a port that nobody listens on is told in the words of the kubelet', async () => {
  const connection = await serve((socket) => {
    socket.send(Buffer.concat([Buffer.of(1), Buffer.from('error forwarding port 9229: refused')]));
    socket.close(1000);
  });
  const stream = await portForward(connection, where);
  await expect(buffer(stream)).rejects.toMatchObject({
    code: 'forward-refused',
    message: 'port 9229 of pod shop/web cannot be reached: error forwarding port 9229: refused',
  });
});

test('a connection that breaks is no end', async () => {
  const connection = await serve((socket) => {
    socket.send(Buffer.from('\0half'));
    socket.once('message', () => socket.terminate());
  });
  const stream = await portForward(connection, where);
  stream.write('go on');
  await expect(buffer(stream)).rejects.toMatchObject({ code: 'forward-cut' });
});

test('a slow reader holds the server back, and nothing is lost when it closes', async () => {
  const piece = Buffer.alloc(64 * 1024 + 1);
  let server: WebSocket | undefined;
  const connection = await serve((socket) => {
    server = socket;
    for (let at = 0; at < 400; at += 1) socket.send(piece);
    socket.close(1000);
  });
  const stream = await portForward(connection, where);
  await sleep(300);
  expect(server?.bufferedAmount).toBeGreaterThan(10 * 1024 * 1024);
  expect(stream.readableLength).toBeLessThan(1024 * 1024);
  expect((await buffer(stream)).length).toBe(400 * 64 * 1024);
});

test('a reader that takes little at a time gets everything', async () => {
  const pieces = Array.from({ length: 60 }, (_, at) =>
    Buffer.alloc(1 + ((at * 7919) % 90_000), at),
  );
  const connection = await serve((socket) => {
    for (const piece of pieces) socket.send(Buffer.concat([Buffer.of(0), piece]));
    socket.close(1000);
  });
  const stream = await portForward(connection, where);
  const got: Buffer[] = [];
  stream.on('readable', () => {
    for (;;) {
      const wanted = Math.min(stream.readableLength, 1000 + got.length) || 1;
      const part = stream.read(wanted) as Buffer | null;
      if (part === null) return;
      got.push(part);
    }
  });
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject));
  expect(Buffer.concat(got).equals(Buffer.concat(pieces))).toBe(true);
});

test('an abort ends it, before and after it stands', async () => {
  const connection = await serve(() => {});
  const ended = new AbortController();
  const stream = await portForward(connection, { ...where, signal: ended.signal });
  const read = buffer(stream);
  ended.abort(new Error('enough'));
  await expect(read).rejects.toMatchObject({ code: 'aborted' });
  await expect(portForward(connection, { ...where, signal: ended.signal })).rejects.toMatchObject({
    code: 'aborted',
  });
});

test('destroying it closes the connection', async () => {
  const closed = Promise.withResolvers<number>();
  const connection = await serve((socket) => socket.on('close', closed.resolve));
  const stream = await portForward(connection, where);
  stream.destroy();
  expect(await closed.promise).toBe(1000);
});

test('a client of HTTP that is done closes it, although the server does not', async () => {
  const closed = Promise.withResolvers<number>();
  const connection = await serve((socket) => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone';
    socket.once('message', () => socket.send(Buffer.from(`\0${answer}`)));
    socket.on('close', closed.resolve);
  });
  const stream = await portForward(connection, where);
  const answer = await new Promise<AsyncIterable<Uint8Array>>((resolve, reject) => {
    const headers = { Connection: 'close' };
    get({ headers, createConnection: () => stream }, resolve).on('error', reject);
  });
  expect(await text(answer)).toBe('done');
  expect(await closed.promise).toBe(1000);
});

test('a missing right names the verbs that are needed', async () => {
  const body = JSON.stringify({ kind: 'Status', message: 'pods "web" is forbidden', code: 403 });
  const connection = await serve(() => {}, { status: 403, body });
  await expect(portForward(connection, where)).rejects.toMatchObject({
    code: 'forbidden',
    hint: expect.stringContaining('get and create on pods/portforward'),
  });
});
