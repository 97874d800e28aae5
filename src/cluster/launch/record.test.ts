import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { identify } from './process-identity.ts';
import { clusterVariable, marked } from './reap.ts';
import { claim, clusterDirectory, type ClusterRecord, filesOf, readRecord } from './record.ts';

async function newRecord(overrides: Partial<ClusterRecord> = {}): Promise<ClusterRecord> {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-record-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return {
    name: 'a',
    uid: randomUUID(),
    directory,
    kubeconfigPath: filesOf(directory).kubeconfig,
    proxyFollows: 'endpointslices',
    startedAt: new Date().toISOString(),
    holder: identify(process.pid)!,
    ...overrides,
  };
}

test('of many starts at once, one gets the name', async () => {
  const first = await newRecord();
  const starts = Array.from({ length: 8 }, () => ({ ...first, uid: randomUUID() }));
  const results = await Promise.allSettled(starts.map(claim));
  const winners = starts.filter((_, index) => results[index]?.status === 'fulfilled');
  expect(winners).toHaveLength(1);
  expect(await readRecord(first.directory)).toEqual(winners[0]);
  const refusals = results.filter((result) => result.status === 'rejected');
  expect(refusals.map(({ reason }) => reason as unknown)).toEqual(
    Array.from({ length: 7 }, () =>
      expect.objectContaining({ code: 'already-running', message: 'cluster a is already running' }),
    ),
  );
  expect(await readdir(first.directory)).toEqual(['state.json']);
  expect((await stat(filesOf(first.directory).record)).mode & 0o777).toBe(0o600);
});

test('a dead start is cleaned away, its processes included', async () => {
  const dead = await newRecord({
    holder: { ...identify(process.pid)!, started: 'before the boot' },
  });
  await claim(dead);
  const left = spawn('sh', ['-c', 'sleep 60 & sleep 60'], {
    stdio: 'ignore',
    env: { ...process.env, [clusterVariable]: dead.uid },
  });
  onTestFinished(() => void left.kill('SIGKILL'));
  await expect.poll(async () => (await marked(dead.uid)).length).toBe(3);
  const next = { ...dead, uid: randomUUID(), holder: identify(process.pid)! };
  await claim(next);
  expect(await readRecord(dead.directory)).toEqual(next);
  expect(await marked(dead.uid)).toEqual([]);
});

test('a name is one word that is safe in a path', () => {
  expect(clusterDirectory('shop-2')).toMatch(/\/pitstop\/clusters\/shop-2$/);
  for (const name of ['', '..', 'a/b', 'A', '-a', 'a'.repeat(41)]) {
    expect(() => clusterDirectory(name)).toThrow('cannot name a cluster');
  }
});
