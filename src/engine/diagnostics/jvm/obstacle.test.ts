import { expect, test } from 'vitest';
import type { ContainerProcess } from '../../container/processes.ts';
import { readFacts } from './find-jvm.ts';
import { attachObstacle } from './obstacle.ts';

const process: ContainerProcess = {
  pid: 1,
  parent: 0,
  uid: 1000,
  gid: 1000,
  argv: ['java', 'App'],
  command: 'java App',
  executable: '/usr/bin/java',
  residentBytes: 1e8,
  caughtSignals: [3],
  runtime: 'jvm',
};
const facts = readFacts('vm\thotspot\nstate\tS\n');

test.each([0, 1000])('a healthy JVM of uid 1000 may be attached to by uid %i', (execUid) => {
  expect(attachObstacle(process, execUid, facts)).toBeUndefined();
});

test.each([
  ['another user', process, 1001, '', 'runs as uid 1000 and exec as uid 1001'],
  ['no handler for SIGQUIT', { ...process, caughtSignals: [] }, 0, '', 'SIGQUIT'],
  [
    'attaching forbidden',
    { ...process, argv: ['java', '-XX:+DisableAttachMechanism', 'App'] },
    0,
    '',
    'was started with -XX:+DisableAttachMechanism',
  ],
  [
    'attaching forbidden in JAVA_TOOL_OPTIONS',
    process,
    0,
    'JAVA_TOOL_OPTIONS\t-XX:+DisableAttachMechanism',
    'was started with -XX:+DisableAttachMechanism',
  ],
  ['OpenJ9', process, 0, 'vm\topenj9', 'is OpenJ9'],
  ['stopped', process, 0, 'state\tT', 'is stopped (SIGSTOP)'],
  ['traced', process, 0, 'state\tt', 'is stopped (by a debugger)'],
  ['ended', process, 0, 'state\tZ', 'has ended'],
] as const)('%s is told', (_, jvm, execUid, more, reason) => {
  const told = `${more}\nvm\thotspot\nstate\tS`;
  expect(attachObstacle(jvm, execUid, readFacts(told))).toContain(reason);
});

test('what is only named java is left alone, unless its maps are hidden from us', () => {
  expect(attachObstacle(process, 0, readFacts('state\tS'))).toContain('no libjvm.so');
  expect(attachObstacle(process, 0, readFacts('vm\thidden'))).toBeUndefined();
});
