import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { handOver, PipePool } from './pipes.ts';

test('a reader that ends with input on its way to it ends nobody else', async () => {
  const pool = new PipePool();
  onTestFinished(() => pool[Symbol.asyncDispose]());
  const { ours, theirs } = await pool.forInput();
  // More than a pipe holds: the rest waits in our process for the reader.
  const written = new Promise((resolve) => ours.write(Buffer.alloc(200_000), resolve));
  closeSync(theirs);
  expect(await written).toMatchObject({ code: 'EPIPE' });
  if (!ours.closed) await once(ours, 'close');
});

test('a process that cannot be started leaves no pipe open', async () => {
  const pool = new PipePool();
  onTestFinished(() => pool[Symbol.asyncDispose]());
  const pipe = await pool.forInput();
  const start = () => spawn('true', ['a\0b'], { stdio: [pipe.theirs] });
  expect(() => handOver([pipe, undefined], start)).toThrow('null bytes');
  expect(pipe.ours.destroyed).toBe(true);
});
