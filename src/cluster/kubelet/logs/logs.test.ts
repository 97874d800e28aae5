import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import type { LogOptions } from '../../api.ts';
import { until } from '../../../../test/support/until.ts';
import { LogFile } from './log-file.ts';
import { readLog } from './read-log.ts';

const PLAIN: LogOptions = { container: 'box', follow: false, previous: false, timestamps: false };

async function open(maxBytes?: number, opened: (directory: string) => void = () => {}) {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-log-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const log = new LogFile(join(directory, '0.log'), maxBytes);
  opened(directory);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const recorded = log.record({ stdout, stderr });
  const end = async () => {
    stdout.end();
    stderr.end();
    await recorded;
  };
  return { log, stdout, stderr, end };
}

const read = (log: LogFile, options: Partial<LogOptions> = {}) =>
  text(readLog(log, { ...PLAIN, ...options }));

test('lines come back as they were written, whatever the chunks', async () => {
  const { log, stdout, stderr, end } = await open();
  stdout.write('one\ntw');
  stdout.write('o\n');
  stderr.write('ünïcode ✓\n');
  await end();
  expect((await read(log)).split('\n').toSorted()).toEqual(['', 'one', 'two', 'ünïcode ✓']);
  expect(await read(log, { tailLines: 0 })).toBe('');
  expect(await read(log, { limitBytes: 3 })).toHaveLength(3);
});

test('a last line without an end has none when it is read', async () => {
  const { log, stdout, end } = await open();
  stdout.write('a\nprompt> ');
  await end();
  expect(await read(log)).toBe('a\nprompt> ');
  expect(await log.tail(1000)).toBe('a\nprompt> ');
});

test('a line longer than any chunk is one line', async () => {
  const { log, stdout, end } = await open();
  const long = 'x'.repeat(100_000);
  stdout.write(`${long}\nnext\n`);
  await end();
  expect(await read(log)).toBe(`${long}\nnext\n`);
  expect(await log.tail(100)).toContain('next\n');
});

test('a follower sees every line across rotations', async () => {
  const { log, stdout, end } = await open(4000);
  const following = read(log, { follow: true });
  const lines = Array.from({ length: 150 }, (_, i) => `line ${i}\n`);
  for (const line of lines) {
    stdout.write(line);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await end();
  expect(await following).toBe(lines.join(''));
  // Two files of 4000 bytes remain: the oldest lines are gone, the newest are there in order.
  const rest = await read(log);
  expect(lines.join('').endsWith(rest)).toBe(true);
  expect(rest.length).toBeGreaterThan(500);
});

test('a follower that leaves a silent container is forgotten at once', async () => {
  const { log, stdout, end } = await open();
  stdout.write('one\n');
  const following = readLog(log, { ...PLAIN, follow: true });
  await once(following, 'data');
  following.resume();
  await until('it waits', async () => log.changes.listenerCount('line') > 0);
  following.destroy();
  await once(following, 'close');
  expect(log.changes.eventNames()).toEqual([]);
  await end();
});

test('what cannot be written is lost, what comes when it can be is not', async () => {
  const { log, stdout, end } = await open(5000, (directory) =>
    rmSync(directory, { recursive: true }),
  );
  const write = async (text: string) => {
    const written = once(log.changes, 'line');
    stdout.write(text);
    await written;
  };
  const long = `${'x'.repeat(3000)}\n`;
  await write(long);
  // More than the file takes: it is put aside, were it there.
  await write(long);
  await mkdir(dirname(log.path));
  await write('kept\n');
  await end();
  expect(await read(log)).toBe('kept\n');
});
