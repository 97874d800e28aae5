import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { clearLeftovers, recordProcess } from './leftovers.ts';

function containerOf(pods: string, pod: string): string {
  const directory = join(pods, pod, 'containers', 'box', '0');
  mkdirSync(directory, { recursive: true });
  return directory;
}

async function sleeper() {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  return { child, pid: child.pid ?? 0 };
}

test('ends what an earlier life left, and never a process that only has its number', async () => {
  const pods = mkdtempSync(join(tmpdir(), 'pitstop-left-'));
  onTestFinished(() => rmSync(pods, { recursive: true, force: true }));
  const [ours, foreign] = await Promise.all([sleeper(), sleeper()]);
  recordProcess(containerOf(pods, 'one'), ours.pid);
  writeFileSync(
    join(containerOf(pods, 'two'), 'process.json'),
    JSON.stringify({ pid: foreign.pid, started: 'another boot/1' }),
  );
  const ended = once(ours.child, 'exit');
  await clearLeftovers(pods);
  expect((await ended)[1]).toBe('SIGKILL');
  await delay(100);
  expect([foreign.child.exitCode, foreign.child.signalCode]).toEqual([null, null]);
  expect(existsSync(join(pods, 'one'))).toBe(false);
});
