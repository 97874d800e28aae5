import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { TestNode } from '../../kubelet/test-node.ts';

interface Recorded {
  readonly title: string;
  readonly offered: string | string[];
  readonly query: string;
  readonly frames: readonly RecordedFrame[];
}

interface RecordedFrame {
  readonly open?: string;
  readonly from?: 'server' | 'client';
  readonly channel?: number;
  readonly length?: number;
  readonly payload?: string;
  readonly bytes?: number[];
  readonly close?: number;
  readonly note?: string;
  readonly rejected?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const recorded = JSON.parse(
  readFileSync(new URL('../../../../test/recorded/exec-frames.json', import.meta.url), 'utf8'),
) as Recorded[];

const node = TestNode.use('loopback');
beforeAll(async () => {
  const command = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];
  await node.run('box', { containers: [{ name: 'box', image: 'host', command }] });
  await node.ready('box');
});

const served = recorded.filter(({ frames }) => frames[0]?.rejected === undefined);
const isEndless = ({ frames }: Recorded) => frames.some(({ note }) => note !== undefined);

describe('exec over WebSocket, against frames recorded from a real API server', () => {
  it.each(served.filter((one) => !isEndless(one)))('$title', async ({ offered, query, frames }) => {
    const socket = await node.connect('box', `exec?${query}`, offered);
    const seen = playBack(socket, frames);
    await once(socket, 'open');
    expect(socket.protocol).toBe(frames[0]?.open);
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1000);
    expect(seen.first).toEqual({ channel: 1, length: 0 });
    for (const channel of [1, 2]) expect(seen.text(channel)).toBe(expectedText(frames, channel));
    const status = expectedText(frames, 3);
    expect(withoutIds(seen.text(3)).slice(0, withoutIds(status).length)).toBe(withoutIds(status));
    expect(seen.text(3)).toHaveLength(frames.find(({ channel }) => channel === 3)?.length ?? 0);
  });

  it.each(served.filter(isEndless))('$title', async ({ offered, query, frames }) => {
    const socket = await node.connect('box', `exec?${query}`, offered);
    const seen = playBack(socket, frames);
    await expect.poll(() => seen.text(1), { timeout: 30_000 }).toBe('hello\n');
    expect(socket.readyState).toBe(socket.OPEN);
    socket.close();
  });

  it.each(recorded.filter(({ frames }) => frames[0]?.rejected !== undefined))(
    'refuses: $title',
    async ({ offered, query, frames }) => {
      const [wanted] = frames;
      const socket = await node.connect('box', `exec?${query}`, offered);
      expect(await refusalOf(socket)).toEqual({
        code: wanted?.rejected,
        body: wanted?.body?.replace('POD', 'box'),
        type: wanted?.headers?.['content-type'],
      });
    },
  );
});

describe('the channels of older clients', () => {
  const run = async (protocols: string[], script: string) => {
    const query = ['sh', '-c', script].map((word) => `command=${encodeURIComponent(word)}`);
    const path = `exec?${query.join('&')}&stdout=true&stdin=true`;
    const socket = await node.connect('box', path, protocols);
    const texts = ['', '', '', ''];
    socket.on('message', (data: Buffer, isBinary) => {
      const text = isBinary
        ? data.toString('latin1', 1)
        : Buffer.from(data.toString('latin1', 1), 'base64').toString();
      texts[isBinary ? data[0]! : Number(data.toString('latin1', 0, 1))] += text;
    });
    await once(socket, 'open');
    socket.send(
      socket.protocol.includes('base64')
        ? `0${Buffer.from('hello\n').toString('base64')}`
        : Buffer.from('\0hello\n'),
    );
    await once(socket, 'close');
    return { protocol: socket.protocol, stdout: texts[1], error: texts[3] };
  };

  it.each(['', 'channel.k8s.io', 'base64.channel.k8s.io'])(
    '"%s" has no status, but words for what went wrong',
    async (protocol) => {
      const protocols = protocol === '' ? [] : [protocol];
      expect(await run(protocols, 'read x; echo $x')).toEqual({
        protocol,
        stdout: 'hello\n',
        error: '',
      });
      const { error } = await run(protocols, 'exit 3');
      expect(error).toMatch(/^command terminated with non-zero exit code: .*exit code 3$/);
    },
  );

  it('v4.base64.channel.k8s.io is v4 in text', async () => {
    const { stdout, error } = await run(['v4.base64.channel.k8s.io'], 'read x; echo $x; exit 3');
    expect(stdout).toBe('hello\n');
    expect(JSON.parse(error ?? '')).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode' });
  });
});

it.each(['exec?command=cat&stdin=true&stdout=true', 'log?follow=true', 'portforward?ports=80'])(
  'lives on after a frame that is none, on %s',
  async (path) => {
    const protocols = path.startsWith('log') ? 'binary.k8s.io' : 'v4.channel.k8s.io';
    const socket = await node.connect('box', path, protocols);
    await once(socket, 'open');
    // RFC 6455 §5.1: a client's frames are masked.
    (socket as unknown as { _socket: Duplex })._socket.write(Buffer.from([0x82, 1, 0]));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1002);
    expect(await node.shell('box', 'echo alive')).toBe('alive\n');
  },
);

it('outlives a container that ends with attached input on its way to it', async () => {
  const box = { name: 'deaf', image: 'host', command: ['sleep', '60'], stdin: true };
  await node.run('deaf', { containers: [box] });
  await node.ready('deaf');
  const socket = await node.connect('deaf', 'attach?stdin=true&stdout=true');
  await once(socket, 'open');
  // More than a pipe holds, and nobody reads it.
  for (let count = 0; count < 4; count += 1) socket.send(Buffer.alloc(70_000));
  socket.ping();
  await once(socket, 'pong');
  await node.delete('deaf', 0);
  await once(socket, 'close');
  expect(await node.shell('box', 'echo alive')).toBe('alive\n');
});

describe('exec', () => {
  it('brings 200 MB through byte for byte', async () => {
    const size = 200 * 1024 * 1024;
    const script = `openssl enc -aes-128-ctr -nosalt -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c ${size}`;
    const socket = await node.connect(
      'box',
      `exec?command=sh&command=-c&command=${encodeURIComponent(script)}&stdout=true`,
    );
    const hash = createHash('sha256');
    let received = 0;
    socket.on('message', (data: Buffer) => {
      if (data[0] !== 1) return;
      received += data.length - 1;
      hash.update(data.subarray(1));
    });
    await once(socket, 'close');
    expect(received).toBe(size);
    const sum = await node.shell('box', `${script} | sha256sum`);
    expect(hash.digest('hex')).toBe(sum.slice(0, 64));
  });

  it('stops reading for a client that does not', { timeout: 30_000 }, async () => {
    const socket = await node.connect(
      'box',
      'exec?command=sh&command=-c&command=cat%20%2Fdev%2Fzero&stdout=true',
    );
    await once(socket, 'open');
    socket.pause();
    // The writer is held back: what it wrote is what buffers hold, and that does not grow.
    const written = async () =>
      Number(
        (
          await node.shell(
            'box',
            `for p in $(pgrep -x cat); do grep -h ^wchar /proc/$p/io; done | awk '{s=$2>s?$2:s} END {print s+0}'`,
          )
        ).trim(),
      );
    await expect.poll(written, { timeout: 30_000 }).toBeGreaterThan(500_000);
    let before = -1;
    await expect
      .poll(
        async () => {
          const now = await written();
          const isStill = now === before;
          before = now;
          return isStill;
        },
        { timeout: 30_000, interval: 700 },
      )
      .toBe(true);
    expect(before).toBeLessThan(64 * 1024 * 1024);
    socket.terminate();
  });

  it('takes stdin larger than any buffer, and its end', async () => {
    const input = Buffer.alloc(20 * 1024 * 1024, 'pitstop');
    const { stdout, exitCode } = await node.exec('box', ['sha256sum'], input);
    expect(exitCode).toBe(0);
    expect(stdout.toString().slice(0, 64)).toBe(createHash('sha256').update(input).digest('hex'));
  });

  it('leaves a command running whose client has gone', async () => {
    const file = `/tmp/pitstop-left-${process.pid}`;
    const socket = await node.connect(
      'box',
      `exec?command=sh&command=-c&command=${encodeURIComponent(`echo on; sleep 1; echo x > ${file}`)}&stdout=true`,
    );
    await new Promise<void>((resolve) =>
      socket.on('message', (data: Buffer) => data.length > 1 && resolve()),
    );
    socket.terminate();
    await expect
      .poll(() => node.exec('box', ['rm', file]).then(({ exitCode }) => exitCode), {
        timeout: 30_000,
      })
      .toBe(0);
  });
});

function playBack(socket: WebSocket, frames: readonly RecordedFrame[]) {
  const texts = new Map<number, string>();
  const seen: { first?: { channel: number; length: number } } = {};
  socket.once('open', () => {
    for (const { from, channel, payload } of frames)
      if (from === 'client' && channel !== undefined)
        socket.send(
          Buffer.concat([
            Buffer.from([channel]),
            Buffer.from((payload ?? '').replace('\\n', '\n')),
          ]),
        );
    for (const { bytes } of frames) if (bytes) socket.send(Buffer.from(bytes));
  });
  socket.on('message', (data: Buffer) => {
    const channel = data[0] ?? -1;
    seen.first ??= { channel, length: data.length - 1 };
    texts.set(channel, (texts.get(channel) ?? '') + data.subarray(1).toString());
  });
  return {
    get first() {
      return seen.first;
    },
    text: (channel: number) => texts.get(channel) ?? '',
  };
}

/** Exec ids are random. */
function withoutIds(text: string): string {
  return text.replace(/[0-9a-f]{64}/g, 'ID');
}

function expectedText(frames: readonly RecordedFrame[], channel: number): string {
  return frames
    .filter((frame) => frame.from === 'server' && frame.channel === channel)
    .map(({ payload }) => payload ?? '')
    .join('');
}

async function refusalOf(
  socket: WebSocket,
): Promise<{ code?: number | undefined; type?: string | undefined; body: string }> {
  socket.on('error', () => {});
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { code: response.statusCode, type: response.headers['content-type'], body };
}
