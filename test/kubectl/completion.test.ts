import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';

const bin = new URL('../../bin/', import.meta.url).pathname;

it('kubectl completes what follows "kubectl pitstop"', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-path-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const name of ['kubectl-pitstop', 'kubectl_complete-pitstop']) {
    await symlink(join(bin, `${name}.js`), join(directory, name));
  }
  const path = [directory, dirname(process.execPath), process.env['PATH']].join(':');
  const ask = (...words: string[]) =>
    new Promise<string>((resolve, reject) => {
      execFile(
        'kubectl',
        ['__complete', 'pitstop', ...words],
        { env: { ...process.env, PATH: path, KUBECONFIG: '/nowhere/config' } },
        (error, stdout) => (error ? reject(error) : resolve(stdout)),
      );
    });
  expect(await ask('sta')).toBe(
    'status\tShow Services, their endpoints and Pods, and who is out\n:4\n',
  );
  expect(await ask('run', '--route=re')).toBe('release\n:4\n');
  expect(await ask('run', 'dep')).toBe('deploy/\n:6\n');
});
