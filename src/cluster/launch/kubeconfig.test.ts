import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { readFile } from 'node:fs/promises';
import { contextName, readAccess, writeKubeconfig } from './kubeconfig.ts';

test('a kubeconfig is its owner’s alone, whole, and reads back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-kubeconfig-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'kubeconfig');
  const access = { server: 'https://127.0.0.1:6443', ca: 'PEM\n', token: 'secret' };
  await writeFile(path, 'of an earlier start', { mode: 0o644 });
  await writeKubeconfig(path, 'shop', access);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(['kubeconfig']);
  expect(await readAccess(path)).toEqual(access);
  expect(parse(await readFile(path, 'utf8'))).toMatchObject({
    'current-context': 'pitstop-shop',
    clusters: [{ cluster: { server: 'https://127.0.0.1:6443' } }],
  });
  expect(await readAccess(join(directory, 'none'))).toBeUndefined();
});

test('the default cluster has the shortest context', () => {
  expect(contextName('pitstop')).toBe('pitstop');
});
