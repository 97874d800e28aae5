import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { attachObstacle, parseHeapUsed } from '../diagnostics/jvm/jvm.ts';
import { discoveryScript, largest, parseProcesses, type ContainerProcess } from './processes.ts';

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

test('knows where attaching to a JVM must not be tried', () => {
  const [process] = parseProcesses(
    printed({ pid: 1, uid: 1000, caught: '4', argv: ['java', 'App'], jvm: true }),
  ).processes as [ContainerProcess];
  expect(attachObstacle(process, 1000)).toBeUndefined();
  expect(attachObstacle(process, 0)).toBeUndefined();
  expect(attachObstacle(process, 1001)).toContain('runs as uid 1000 and exec as uid 1001');
  expect(attachObstacle({ ...process, caughtSignals: [] }, 0)).toContain('SIGQUIT');
  const argv = ['java', '-XX:+DisableAttachMechanism', 'App'];
  expect(attachObstacle({ ...process, argv }, 0)).toContain('DisableAttachMechanism');
});

test.each([
  [
    'G1',
    ` garbage-first heap   total 262144K, used 123456K [0x1, 0x2)
  region size 1024K, 5 young (5120K), 0 survivors (0K)
 Metaspace       used 500K, committed 704K, reserved 1114112K
  class space    used 40K, committed 128K, reserved 1048576K`,
    123_456 * 1024,
  ],
  [
    'Serial',
    ` def new generation   total 78656K, used 1000K [0x1, 0x2, 0x3)
  eden space 69952K,   2% used [0x1, 0x2, 0x3)
 tenured generation   total 174784K, used 2000K [0x1, 0x2, 0x3)
   the space 174784K,   0% used [0x1, 0x2, 0x3, 0x4)
 Metaspace       used 100K, committed 256K`,
    3000 * 1024,
  ],
  [
    'Parallel',
    ` PSYoungGen      total 76288K, used 11K [0x1, 0x2, 0x3)
 ParOldGen       total 175104K, used 22K [0x1, 0x2, 0x3)`,
    33 * 1024,
  ],
  ['ZGC', ' ZHeap           used 100M, capacity 258M, max capacity 4002M', 100 * 1024 * 1024],
  ['Shenandoah', ' 4096M max, 4096M soft max, 256M committed, 12M used', 12 * 1024 * 1024],
])('adds up the heap in use of %s', (_, text, bytes) => {
  expect(parseHeapUsed(text)).toBe(bytes);
});

test('an answer without sizes is no answer', () => {
  expect(
    parseHeapUsed('1:\njava.lang.IllegalArgumentException: Unknown diagnostic command'),
  ).toBeUndefined();
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
