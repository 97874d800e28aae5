import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nodeEntry } from '../../launch/entry.ts';
import { milliseconds, readFlags } from './flags.ts';
import { modeText } from './mount-test.ts';

async function agnhost(...args: string[]) {
  const run = promisify(execFile);
  const argv = [nodeEntry(), 'agnhost', '/agnhost', ...args];
  const { stdout, stderr } = await run(process.execPath, argv).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return { stdout, stderr };
}

describe('the programs of the agnhost image', () => {
  it('reads flags as Go does', () => {
    const flags = readFlags(['--a=1', '-b', 'two', 'word', '--c']);
    expect([flags.number('a', 0), flags.text('b', ''), flags.text('c', '')]).toEqual([
      1,
      'two',
      'true',
    ]);
    expect(flags.words).toEqual(['word']);
    expect(milliseconds('1m2.5s')).toBe(62_500);
  });

  it('writes file modes as Go does', () => {
    expect(modeText({ mode: 0o100644 })).toBe('-rw-r--r--');
    expect(modeText({ mode: 0o042777 })).toBe('dgrwxrwxrwx');
    expect(modeText({ mode: 0o041777 })).toBe('dtrwxrwxrwx');
  });

  it('tells the arguments it was started with, and which programs there are', async () => {
    const { stdout } = await agnhost('entrypoint-tester', 'override', 'arguments');
    expect(stdout).toBe('[/agnhost entrypoint-tester override arguments]\n');
    const { stderr } = await agnhost('webhook');
    expect(stderr).toMatch(/unknown command "webhook".*netexec/);
  });

  it('tells modes and contents of files, links followed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pitstop-mounttest-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'real'), 'value-1', { mode: 0o400 });
    await symlink('real', join(directory, 'data'));
    const path = join(directory, 'data');
    const made = join(directory, 'new');
    const { stdout } = await agnhost(
      'mounttest',
      `--file_mode=${path}`,
      `--file_content=${path}`,
      `--new_file_0666=${made}`,
      `--file_perm=${made}`,
    );
    expect(stdout).toBe(
      `content of file "${made}": mount-tester new file\n\n` +
        `mode of file "${path}": -r--------\n` +
        `perms of file "${made}": -rw-rw-rw-\n` +
        `content of file "${path}": value-1\n`,
    );
  });
});
