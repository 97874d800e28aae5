import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { childrenOf, gone, identify, isAlive, signal } from './process-identity.ts';

test('a pid that now belongs to another process is not the process', () => {
  const self = identify(process.pid)!;
  expect(isAlive(self)).toBe(true);
  expect(isAlive({ ...self, started: 'earlier' })).toBe(false);
  expect(signal({ ...self, started: 'earlier' }, 'SIGKILL')).toBe(false);
});

test('a process is gone when it has ended, collected or not', async () => {
  // The shell never collects its child, which stays a zombie.
  const parent = spawn('sh', ['-c', 'true & exec sleep 60'], { stdio: 'ignore' });
  try {
    const child = await expect
      .poll(() => childrenOf(parent.pid!)[0] ?? null)
      .not.toBeNull()
      .then(() => childrenOf(parent.pid!)[0]!);
    await expect.poll(() => identify(child)).toBeUndefined();
    const identity = identify(parent.pid!)!;
    expect(await gone(identity, 10)).toBe(false);
    expect(signal(identity, 'SIGKILL')).toBe(true);
    expect(await gone(identity, 5000)).toBe(true);
  } finally {
    parent.kill('SIGKILL');
  }
});
