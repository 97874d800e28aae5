import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import type WebSocket from 'ws';
import { recorded } from '../support/recorded.ts';
import { until } from '../support/until.ts';
import { exceptionFor, titled } from './exceptions.ts';
import { isReal, useTarget } from './target.ts';

interface Frame {
  readonly open?: string;
  readonly from?: 'client' | 'server';
  readonly channel?: number;
  readonly length?: number;
  readonly payload?: string;
  readonly bytes?: readonly number[];
  readonly close?: number;
  readonly note?: string;
  readonly rejected?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface RecordedExec {
  readonly title: string;
  readonly offered: string | string[];
  readonly query: string;
  readonly frames: readonly Frame[];
}

const target = useTarget();
const pods = '/api/v1/namespaces/default/pods';

beforeAll(async () => {
  await target().created(pods, {
    metadata: { name: 'box' },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'box', image: 'busybox', command: ['sh', '-c', 'sleep 3600'] }],
    },
  });
  const isRunning = async () =>
    (await target().call(`${pods}/box`)).body?.status?.phase === 'Running';
  await until('the Pod runs', isRunning, 60_000);
}, 90_000);

const recordings = recorded<RecordedExec[]>('exec-frames.json').map((recording) => {
  const reason = exceptionFor(recording.title, isReal);
  return { ...recording, reason, title: titled(recording.title, reason) };
});
const isRefused = ({ frames }: RecordedExec) => frames[0]?.rejected !== undefined;
const isEndless = ({ frames }: RecordedExec) => frames.some(({ note }) => note !== undefined);

describe('exec over WebSocket', () => {
  for (const { title, reason, offered, query, frames } of recordings.filter(
    (one) => !isRefused(one) && !isEndless(one),
  )) {
    test.skipIf(reason !== undefined).each([title])('%s', async () => {
      const socket = target().connect(`${pods}/box/exec?${query}`, [offered].flat());
      const seen = playBack(socket, frames);
      const [code] = (await once(socket, 'close')) as [number];
      expect(socket.protocol).toBe(frames[0]?.open);
      expect(code).toBe(frames.find(({ close }) => close !== undefined)?.close);
      const channels = [1, 2, 3];
      expect(channels.map(seen.text)).toEqual(channels.map((one) => expectedText(frames, one)));
    });
  }

  test.each(recordings.filter(isEndless))('$title', async ({ offered, query, frames }) => {
    const socket = target().connect(`${pods}/box/exec?${query}`, [offered].flat());
    const seen = playBack(socket, frames);
    await expect.poll(() => seen.text(1)).toBe(expectedText(frames, 1));
    expect(socket.readyState).toBe(socket.OPEN);
    socket.close();
  });

  test.each(recordings.filter(isRefused))('refuses: $title', async ({ offered, query, frames }) => {
    const [first] = frames;
    const socket = target().connect(`${pods}/box/exec?${query}`, [offered].flat());
    expect(await refusalOf(socket)).toEqual({
      status: first?.rejected,
      body: first?.body?.replace('POD', 'box'),
      type: first?.headers?.['content-type'],
    });
  });
});

/** Sends the client's frames, each when the server's that were recorded before it have come. */
function playBack(socket: WebSocket, frames: readonly Frame[]) {
  const texts = new Map<number, string>();
  const text = (channel: number) => texts.get(channel) ?? '';
  let next = 1;
  const send = () => {
    for (; next < frames.length; next++) {
      const frame = frames[next]!;
      if (frame.from === 'server') {
        const wanted = expectedText(frames.slice(0, next + 1), frame.channel ?? 0);
        if (text(frame.channel ?? 0).length < wanted.length) return;
      } else if (frame.from === 'client') {
        const payload = frame.payload?.replaceAll('\\n', '\n') ?? '';
        socket.send(Buffer.from(frame.bytes ?? [frame.channel ?? 0, ...Buffer.from(payload)]));
      }
    }
  };
  socket.on('open', send);
  socket.on('message', (data: Buffer) => {
    const channel = data[0] ?? 0;
    texts.set(channel, text(channel) + data.subarray(1).toString());
    send();
  });
  return { text };
}

function expectedText(frames: readonly Frame[], wanted: number): string {
  return frames
    .filter(({ from, channel }) => from === 'server' && channel === wanted)
    .map(({ payload = '' }) => payload)
    .join('');
}

async function refusalOf(socket: WebSocket) {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode,
    body: Buffer.concat(chunks).toString(),
    type: response.headers['content-type'],
  };
}
