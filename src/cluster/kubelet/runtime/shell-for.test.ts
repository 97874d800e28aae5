import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hostTool } from './find-command.ts';
import { shellFor } from './shell-for.ts';

test('plain names need no more than sh', () => {
  expect(shellFor({ PATH: '/bin', _X1: '' })).toBe('/bin/sh');
});

test.skipIf(!existsSync(hostTool('bash')))(
  'variables that are no identifiers reach the process (needs bash)',
  () => {
    const env = { PATH: process.env['PATH'] ?? '', 'data-1': 'a', '1-b': 'b', '#@!c': 'c' };
    const printed = execFileSync(shellFor(env), ['-c', 'exec env'], { env, encoding: 'utf8' });
    expect(printed.split('\n')).toEqual(expect.arrayContaining(['data-1=a', '1-b=b', '#@!c=c']));
  },
);
