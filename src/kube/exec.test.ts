import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { exec } from './exec.ts';
import { execText } from './exec-text.ts';
import type { Connection } from './kubeconfig.ts';

interface Frame {
  readonly open?: string;
  readonly from?: 'server' | 'client';
  readonly channel?: number;
  readonly payload?: string;
  readonly bytes?: readonly number[];
  readonly close?: number;
  readonly rejected?: number;
  readonly body?: string;
}
interface Recording {
  readonly title: string;
  readonly offered: string | readonly string[];
  readonly frames: readonly Frame[];
}

// What a real API server said, frame by frame.
const recordings = JSON.parse(
  readFileSync(new URL('../../test/recorded/exec-frames.json', import.meta.url), 'utf8'),
) as readonly Recording[];

type Behaviour = (socket: WebSocket) => void;

async function serve(
  behaviour: Behaviour,
  options: { protocol?: string; refuse?: Frame; refusals?: number } = {},
): Promise<Connection> {
  const http = createServer();
  let asked = 0;
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: () => options.protocol ?? 'v5.channel.k8s.io',
  });
  http.on('upgrade', (request, socket, head) => {
    const { refuse, refusals = Number.POSITIVE_INFINITY } = options;
    asked += 1;
    if (refuse && asked <= refusals) {
      const body = refuse.body ?? '';
      socket.end(`HTTP/1.1 ${refuse.rejected} No\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, behaviour);
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
    credentials: async () => ({ headers: {}, tls: {}, proxyAgent: undefined }),
  };
}

function frame(channel: number, payload: string | Buffer): Buffer {
  return Buffer.concat([Buffer.of(channel), Buffer.from(payload)]);
}

/** Plays the server's part of a recording, waiting for the client's frames where it sent some. */
function play(recording: Recording, heard: Buffer[]): Behaviour {
  return (socket) => {
    socket.on('message', (data: Buffer) => heard.push(data));
    const run = async () => {
      let expected = 0;
      for (const step of recording.frames) {
        if (step.from === 'client') {
          expected += 1;
          while (heard.length < expected) await sleep(5);
        } else if (step.close !== undefined) socket.close(step.close);
        else if (step.from === 'server') socket.send(frame(step.channel ?? 0, step.payload ?? ''));
      }
    };
    run().catch(() => socket.terminate());
  };
}

function recorded(title: string): Recording {
  const found = recordings.find((recording) => recording.title === title);
  if (!found) throw new Error(`no recording "${title}"`);
  return found;
}

const where = { namespace: 'shop', pod: 'web', container: 'app', command: ['sh'] };
const success = frame(3, '{"metadata":{},"status":"Success"}');

test.each([
  ['stdout and stderr, exit 0', { exitCode: 0, stdout: 'out\n', stderr: 'err\n' }],
  ['exit code 3', { exitCode: 3, stdout: '', stderr: '' }],
  ['same over v4', { exitCode: 3, stdout: 'out\n', stderr: '' }],
  ['client offers v5 and v4', { exitCode: 0, stdout: 'hi\n', stderr: '' }],
])('gives what was recorded: %s', async (title, expected) => {
  const recording = recorded(title);
  const protocol = recording.frames.find(({ open }) => open)?.open ?? '';
  const connection = await serve(play(recording, []), { protocol });
  expect(await execText(connection, where)).toEqual(expected);
});

test('says in the runtime’s words why a command could not run', async () => {
  const connection = await serve(play(recorded('no such command'), []));
  await expect(execText(connection, where)).rejects.toMatchObject({
    code: 'exec-refused',
    message: expect.stringContaining('failed to exec in container'),
  });
});

test('half-closes stdin with v5 CLOSE', async () => {
  const heard: Buffer[] = [];
  const connection = await serve(play(recorded('stdin closed by v5 CLOSE'), heard));
  const stdout = new PassThrough();
  const stdin = Readable.from([Buffer.from('hello\n')]);
  expect(await exec(connection, { ...where, stdin, stdout })).toEqual({ exitCode: 0 });
  expect(heard).toEqual([frame(0, 'hello\n'), Buffer.of(255, 0)]);
  expect(String(stdout.read())).toBe('hello\n');
});

test.each([
  ['no such container', 'exec-refused', 'container nope is not valid for pod POD'],
  ['unknown subprotocol', 'forbidden', 'HTTP 403'],
  ['no stream asked for', 'exec-refused', 'you must specify at least 1 of stdin, stdout, stderr'],
])('reads a refused upgrade: %s', async (title, code, message) => {
  const refuse = recorded(title).frames[0] ?? {};
  const connection = await serve(() => {}, { refuse });
  await expect(execText(connection, where)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

const once500 = async (message: string) => {
  const body = JSON.stringify({ kind: 'Status', status: 'Failure', message, code: 500 });
  return await serve(play(recorded('exit code 3'), []), {
    refuse: { rejected: 500, body },
    refusals: 1,
  });
};

test('tries again when the kubelet could not be reached', async () => {
  const connection = await once500('error dialing backend: EOF');
  expect(await execText(connection, where)).toMatchObject({ exitCode: 3 });
});

test('takes no container for an answer', async () => {
  const connection = await once500('unable to upgrade connection: container not found');
  await expect(execText(connection, where)).rejects.toMatchObject({
    code: 'exec-refused',
    status: 500,
  });
});

test('a refused exec names both verbs that it needs', async () => {
  const body = JSON.stringify({ kind: 'Status', message: 'pods "web" is forbidden', code: 403 });
  const connection = await serve(() => {}, { refuse: { rejected: 403, body } });
  await expect(execText(connection, where)).rejects.toMatchObject({
    code: 'forbidden',
    hint: expect.stringContaining('get and create on pods/exec'),
  });
});

test.each([
  ['dropped', (socket: WebSocket) => socket.terminate(), /1006/],
  ['closed politely', (socket: WebSocket) => socket.close(1000), /1000/],
])('a stream that is %s without a status is cut, whatever it sent', async (_, end, message) => {
  const connection = await serve((socket) => {
    socket.send(frame(1, 'half of it'), () => end(socket));
  });
  await expect(execText(connection, where)).rejects.toMatchObject({
    code: 'exec-cut',
    message: expect.stringMatching(message),
  });
});

test('ignores empty frames and CLOSE frames', async () => {
  const connection = await serve((socket) => {
    for (const channel of [1, 2, 3]) socket.send(frame(channel, ''));
    socket.send(Buffer.of(255, 1));
    socket.send(frame(1, 'x'));
    socket.send(success);
  });
  expect(await execText(connection, where)).toEqual({ exitCode: 0, stdout: 'x', stderr: '' });
});

test('a slow reader holds the server back instead of filling memory', async () => {
  const chunk = Buffer.alloc(32 * 1024, 'x');
  const total = 64 * 1024 * 1024;
  let sent = 0;
  let mostAhead = 0;
  let received = 0;
  const connection = await serve((socket) => {
    const pump = async () => {
      while (sent < total) {
        if (socket.bufferedAmount > 1024 * 1024) {
          await sleep(1);
          continue;
        }
        socket.send(frame(1, chunk));
        sent += chunk.length;
        mostAhead = Math.max(mostAhead, sent - received);
      }
      socket.send(success);
    };
    pump().catch(() => {});
  });
  const stdout = new Writable({
    highWaterMark: 256 * 1024,
    write(data: Buffer, _encoding, done) {
      received += data.length;
      if (received % (4 * 1024 * 1024) < data.length) setTimeout(done, 10);
      else done();
    },
  });
  await exec(connection, { ...where, stdout });
  expect(received).toBe(total);
  // What may be under way: the server's buffer, the kernel's, and one high-water mark.
  expect(mostAhead).toBeLessThan(16 * 1024 * 1024);
});

test('resolves only after slow output has been taken', async () => {
  const connection = await serve((socket) => {
    socket.send(frame(1, 'x'.repeat(100_000)));
    socket.send(success);
    socket.close(1000);
  });
  let received = 0;
  const stdout = new Writable({
    write(data: Buffer, _encoding, done) {
      setTimeout(() => {
        received += data.length;
        done();
      }, 100);
    },
  });
  expect(await exec(connection, { ...where, stdout })).toEqual({ exitCode: 0 });
  expect(received).toBe(100_000);
});

test('a failing output ends the exec with that very error', async () => {
  const connection = await serve((socket) => socket.send(frame(1, 'x')));
  const stdout = new Writable({
    write(_data, _encoding, done) {
      done(new Error('disk full'));
    },
  });
  stdout.on('error', () => {});
  await expect(exec(connection, { ...where, stdout })).rejects.toThrow('disk full');
});

test('refuses to collect more text than it was told', async () => {
  const connection = await serve((socket) => socket.send(frame(1, 'x'.repeat(2000))));
  await expect(execText(connection, { ...where, maxBytes: 1000 })).rejects.toMatchObject({
    code: 'exec-output-too-large',
  });
});

test('an abort ends it, before and after the upgrade', async () => {
  const connection = await serve(() => {});
  const early = AbortSignal.abort();
  await expect(execText(connection, { ...where, signal: early })).rejects.toMatchObject({
    code: 'aborted',
  });
  const late = AbortSignal.timeout(100);
  await expect(execText(connection, { ...where, signal: late })).rejects.toMatchObject({
    code: 'aborted',
  });
});

test('pings, so that proxies and servers do not take it for idle', async () => {
  let pings = 0;
  const connection = await serve((socket) => {
    socket.on('ping', () => {
      pings += 1;
      if (pings === 1) socket.send(success);
    });
  });
  expect(await execText(connection, where)).toMatchObject({ exitCode: 0 });
  expect(pings).toBe(1);
});
