import { expect, test } from 'vitest';
import type { Jvm } from './jvm.ts';
import { nameOf, sayWords, toolWords, waysOf } from './way.ts';

const jvm: Jvm = {
  process: {
    pid: 7,
    parent: 1,
    uid: 1000,
    gid: 1000,
    argv: ['java', 'App'],
    command: 'java App',
    executable: '/jdk/bin/java',
    residentBytes: 1e8,
    caughtSignals: [3],
    runtime: 'jvm',
  },
  ownPid: 7,
  isAside: false,
  execUid: 0,
  others: 0,
  tools: { jcmd: '/jdk/bin/jcmd', jmap: '/jdk/bin/jmap', jstack: '/jdk/bin/jstack' },
  speakers: [{ name: 'perl', path: '/usr/bin/perl' }],
  asUser: [],
  processors: 2,
  nodeProcessors: 2,
  nodeLoad: 1,
  memoryLeftBytes: undefined,
  lacksRecorder: false,
  nativeMemory: 'off',
  release: 17,
};
const names = (changed: Partial<Jvm>) => waysOf({ ...jvm, ...changed }, 'jmap').map(nameOf);

test('the ways are tried in their order', () => {
  expect(names({})).toEqual(['jcmd', 'jmap', 'attach (perl)']);
  expect(names({ tools: {} })).toEqual(['attach (perl)']);
  expect(names({ tools: { jstack: '/jdk/bin/jstack' }, speakers: [] })).toEqual([]);
});

test('a JDK tool is a JVM of its own, and comes last where memory is short', () => {
  expect(names({ memoryLeftBytes: 200e6 })).toEqual(['jcmd', 'jmap', 'attach (perl)']);
  expect(names({ memoryLeftBytes: 60e6 })).toEqual(['attach (perl)', 'jcmd', 'jmap']);
  const speakers = [{ name: 'java', path: '/jre/bin/java' }] as const;
  expect(names({ memoryLeftBytes: 60e6, speakers })).toEqual(['jcmd', 'jmap', 'attach (java)']);
});

test('from an ephemeral container the socket is tried first', () => {
  expect(names({ isAside: true })).toEqual(['attach (perl)', 'jcmd', 'jmap']);
});

test('a tool runs as the JVM’s user, without the application’s own options', () => {
  const asUser = ['setpriv', '--reuid', '1000', '--regid', '1000', '--clear-groups'];
  const words = toolWords({ ...jvm, asUser }, { path: '/jdk/bin/jcmd' }, ['7', 'VM.version']);
  expect(words.slice(0, 6)).toEqual(asUser);
  expect(words.join(' ')).toContain('unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS');
  expect(words.slice(-2)).toEqual(['7', 'VM.version']);
});

test('the socket and the file that opens it have the number that the JVM knows itself by', () => {
  const aside = { ...jvm, ownPid: 1 };
  const target = { via: { container: 'helper', root: '/proc/7/root', pid: 7 } };
  const way = { kind: 'attach', speaker: { name: 'perl', path: 'perl' } } as const;
  const words = sayWords(aside, way, 'VM.version', { target, folder: '/tmp/x' });
  expect(words.slice(4, 8)).toEqual([
    '7',
    '/proc/7/root/tmp/.java_pid1',
    '.attach_pid1',
    '1000:1000',
  ]);
});
