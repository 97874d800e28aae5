import { expect, it } from 'vitest';
import { restoreCommand } from './connection.ts';
import { toRequest } from './session-request.ts';

const progress = 'auto';

it.each([
  [{ command: [] }, 'nothing follows --'],
  [
    { command: ['ls'], diagnostic: 'jvm-heap' },
    '--diagnostic and a command after -- exclude each other',
  ],
  [{ collect: '/tmp/x' }, '--collect needs a command after --, which makes the file'],
  [{ artifactOutput: '-', output: 'json' } as const, '-O - and -o would both write to stdout'],
  [{ override: ['last-endpoint', 'gravity'] }, 'unknown interlock gravity'],
])('refuses %j', (flags, message) => {
  expect(() => toRequest('web-1', 'shop', { progress, ...flags })).toThrow(message);
});

it('gives a restore command that leads to the same cluster', () => {
  const place = { namespace: 'shop', pod: 'web-1' };
  expect(restoreCommand({ progress }, place)).toBe('kubectl pitstop restore web-1 -n shop');
  expect(restoreCommand({ progress, context: 'prod', kubeconfig: "/tmp/it's here" }, place)).toBe(
    "kubectl pitstop restore web-1 -n shop --kubeconfig='/tmp/it'\\''s here' --context=prod",
  );
});
