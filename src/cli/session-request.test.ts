import { expect, it } from 'vitest';
import { overridableInterlocks } from '../engine/index.ts';
import { restoreCommand } from './connection.ts';
import { overridable } from './interlock-flags.ts';
import { toRequest } from './session-request.ts';

const progress = 'auto';

it.each([
  [{ command: [] }, 'nothing follows --'],
  [
    { command: ['-all'], diagnostic: 'jvm-heap', collect: ['/tmp/x'] },
    '--collect needs a command after --, which makes the file',
  ],
  [{ collect: ['/tmp/x'] }, '--collect needs a command after --, which makes the file'],
  [{ artifactOutput: '-', output: 'json' } as const, '-O - and -o would both write to stdout'],
  [{ override: ['last-endpoint', 'gravity'] }, 'unknown interlock gravity'],
  [
    { override: ['rbac'] },
    'interlock rbac cannot be overridden: what is begun could not be finished',
  ],
])('refuses %j', (flags, message) => {
  expect(() => toRequest('web-1', 'shop', { progress, ...flags })).toThrow(message);
});

it.each([
  [{ command: ['ls'] }, { command: ['ls'], extraArgs: undefined }],
  [
    { command: ['ls'], diagnostic: 'command' },
    { command: ['ls'], extraArgs: undefined },
  ],
  [
    { command: ['-all'], diagnostic: 'jvm-heap' },
    { command: undefined, extraArgs: ['-all'] },
  ],
])(
  'reads the words after -- as the command, or as options of the diagnostic: %j',
  (flags, read) => {
    expect(toRequest('web-1', 'shop', { progress, ...flags })).toMatchObject(read);
  },
);

it('names in its help the interlocks that can be overridden', () => {
  expect(overridable).toEqual(overridableInterlocks);
});

it('gives a restore command that leads to the same cluster', () => {
  const place = { namespace: 'shop', pod: 'web-1' };
  expect(restoreCommand({ progress }, place)).toBe('kubectl pitstop restore web-1 -n shop');
  expect(restoreCommand({ progress, context: 'prod', kubeconfig: "/tmp/it's here" }, place)).toBe(
    "kubectl pitstop restore web-1 -n shop --kubeconfig='/tmp/it'\\''s here' --context=prod",
  );
});
