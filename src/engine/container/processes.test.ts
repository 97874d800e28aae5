import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { discoveryScript, largest, parseProcesses } from './processes.ts';

const us = '\u001F';

interface Shape {
  readonly pid: number;
  readonly parent?: number;
  readonly uid?: number;
  readonly rss?: number;
  readonly caught?: string;
  readonly jvm?: boolean;
  readonly executable?: string;
  readonly argv?: readonly string[];
}

function printed(...shapes: readonly Shape[]): string {
  const records = shapes.map(({ pid, parent = 0, uid = 0, rss = 1, caught = '0', ...rest }) => {
    const { jvm = false, executable = '', argv = [] } = rest;
    const fields = [pid, parent, uid, uid, rss, caught, jvm ? 'jvm' : '', executable, ''];
    return fields.join(us) + argv.map((word) => `${word}\0`).join('');
  });
  return ['1000', ...records, ''].join('\u001E');
}

test('reads what a process is', () => {
  const { execUid, processes } = parseProcesses(
    printed({
      pid: 7,
      uid: 1000,
      rss: 2048,
      caught: '0000000181005ccf',
      jvm: true,
      executable: '/opt/java/bin/java',
      argv: ['java', '', '-jar', 'a b.jar'],
    }),
  );
  expect(execUid).toBe(1000);
  expect(processes).toEqual([
    expect.objectContaining({
      pid: 7,
      uid: 1000,
      residentBytes: 2_097_152,
      argv: ['java', '', '-jar', 'a b.jar'],
      command: 'java  -jar a b.jar',
      runtime: 'jvm',
    }),
  ]);
  expect(processes[0]?.caughtSignals).toContain(3);
  expect(processes[0]?.caughtSignals).not.toContain(9);
});

test('leaves out what is ours, below ours, and the JDK’s own tools', () => {
  const { processes } = parseProcesses(
    printed(
      { pid: 1, argv: ['tini', '--', 'java'] },
      { pid: 2, parent: 1, jvm: true, argv: ['java', 'App'] },
      { pid: 30, argv: ['sh', '-c', 'script', 'pitstop-exec', '/tmp/x'] },
      { pid: 31, parent: 30, argv: ['sleep', '1'] },
      { pid: 32, parent: 31, argv: ['node', 'x'], executable: '/usr/bin/node' },
      { pid: 40, jvm: true, argv: ['jcmd', '2', 'GC.heap_dump'] },
      { pid: 41, jvm: true, argv: ['/usr/bin/java', '-cp', 'x', 'sun.tools.jmap.JMap', '2'] },
      { pid: 50, argv: [] },
    ),
  );
  expect(processes.map(({ pid }) => pid)).toEqual([1, 2]);
});

test('takes the largest of several', () => {
  const { processes } = parseProcesses(
    printed(
      { pid: 1, rss: 10, argv: ['node', 'small.js'] },
      { pid: 2, rss: 500, argv: ['node', 'large.js'] },
      { pid: 3, rss: 500, argv: ['node', 'other.js'] },
    ),
  );
  expect(largest(processes)?.pid).toBe(2);
  expect(largest([])).toBeUndefined();
});

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)(
  `where the whole node shows, another user's processes are not the container's${isRoot ? '' : ' (needs root)'}`,
  async () => {
    const env = { PATH: process.env['PATH'], HOSTNAME: 'my-pod' };
    const idle = ['-e', 'setInterval(() => {}, 1000)'];
    // Even of the same HOSTNAME: it could not be signalled anyway.
    const others = spawn(process.execPath, idle, { env });
    await once(others, 'spawn');
    try {
      const { stdout } = await promisify(execFile)('sh', ['-c', discoveryScript, 'pitstop-exec'], {
        uid: 65_534,
        gid: 65_534,
        env,
      });
      const { execUid, processes } = parseProcesses(stdout);
      expect(execUid).toBe(65_534);
      expect(processes.filter(({ runtime }) => runtime !== undefined)).toEqual([]);
    } finally {
      others.kill();
    }
  },
);
