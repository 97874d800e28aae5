import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openTerminal } from './terminal.ts';

const env = { PATH: process.env['PATH'] ?? '' };

test('a program that does not read its terminal holds nobody up', async () => {
  const terminal = await openTerminal({
    file: 'sh',
    args: ['-c', 'stty raw -echo; echo ready; sleep 60'],
    env,
  });
  onTestFinished(() => terminal.kill());
  terminal.stdin?.on('error', () => {});
  await new Promise((resolve) => terminal.stdout.once('data', resolve));
  // Far more than a terminal keeps for its reader.
  terminal.stdin?.write(Buffer.alloc(200_000));
  await delay(50);
  expect(terminal.stdin?.writableLength).toBeGreaterThan(0);
});

test('a program that reads its terminal gets all of it', async () => {
  const terminal = await openTerminal({
    file: 'sh',
    args: ['-c', 'stty raw -echo; echo ready; head -c 100000 | wc -c'],
    env,
  });
  const said: Buffer[] = [];
  terminal.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  await expect.poll(() => Buffer.concat(said).toString()).toContain('ready');
  terminal.stdin?.write(Buffer.alloc(100_000, 'x'));
  await terminal.exit;
  await expect.poll(() => Buffer.concat(said).toString()).toContain('100000');
});
