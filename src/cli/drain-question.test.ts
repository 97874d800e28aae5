import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { DrainTimeout } from '../engine/index.ts';
import { drainQuestion } from './drain-question.ts';

function terminal({ isTTY = true } = {}) {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const io = {
    stdin,
    stdout: new PassThrough(),
    stderr,
    env: {},
    signal: new AbortController().signal,
    recovery: undefined,
  };
  const progress = {
    onEvent: () => {},
    say: () => {},
    hold: () => ({ [Symbol.dispose]: () => {} }),
    [Symbol.asyncDispose]: async () => {},
  };
  return { stdin, stderr, ask: drainQuestion(io, progress) };
}

function question(signal = new AbortController().signal): DrainTimeout {
  return {
    pod: 'web-0',
    namespace: 'shop',
    openConnections: 2,
    peers: 'pod shop/client (10.244.1.7) with 2',
    waitedMs: 30_040,
    signal,
  };
}

it('asks nobody where there is no terminal', () => {
  expect(terminal({ isTTY: false }).ask).toBeUndefined();
});

it('names the peers, and asks again until it understands', async () => {
  const { stdin, stderr, ask } = terminal();
  const answer = ask?.(question());
  stdin.write('maybe\n');
  stdin.write('W\n');
  expect(await answer).toBe('wait');
  expect(String(stderr.read())).toMatchInlineSnapshot(`
    "
    2 connections to web-0 still open after 30 s: pod shop/client (10.244.1.7) with 2
    [p]roceed with them open, [w]ait as long again, or [r]estore the Pod? p, w or r? "
  `);
});

it('takes the end of input for "restore"', async () => {
  const { stdin, ask } = terminal();
  const answer = ask?.(question());
  stdin.end();
  expect(await answer).toBe('restore');
});

it('lets go when the answer is not needed any more, and can ask again', async () => {
  const { stdin, ask } = terminal();
  const over = new AbortController();
  const answer = ask?.(question(over.signal));
  over.abort(new Error('the last connection has closed'));
  await expect(answer).rejects.toThrow('the last connection has closed');
  const second = ask?.(question());
  stdin.write('p\n');
  expect(await second).toBe('proceed');
});
