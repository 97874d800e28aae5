import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { commonOptions } from '../flags.ts';
import { runProgram } from '../program.ts';
import { planOptions } from '../session-flags.ts';
import type { Candidate } from './candidate.ts';
import { complete } from './complete.ts';

const program = new Command('kubectl pitstop');
for (const option of commonOptions()) program.addOption(option);
const run = program.command('run').summary('The whole stop');
for (const option of planOptions()) run.addOption(option);
program.command('restore').summary('Put a Pod back');
program.command('cluster').command('images').command('set').summary('Add an image');

const words = (...all: string[]): readonly Candidate[] => all.map((word) => ({ word }));
const names = {
  namespaces: async () => words('shop', 'default'),
  containers: async (target?: string) => words(`of-${target}`),
  podsOut: async () => words('web-9'),
  named: async (kind: string) => words(`${kind}-1`, `${kind}-2`),
};

async function ask(...line: string[]): Promise<string> {
  const { candidates, directive } = await complete(program, line, () => names);
  return [...candidates.map(({ word }) => word), `:${directive}`].join(' ');
}

it.each([
  ['verbs', ['r'], 'run restore :4'],
  ['verbs of a group', ['cluster', ''], 'images :4'],
  ['flags, those of the program too', ['run', '--co'], '--container --color --context :4'],
  ['a choice', ['run', 'web', '--route', 're'], 'release :4'],
  ['a choice after =', ['run', '--route=re'], 'release :4'],
  ['an interlock', ['run', '--override=mem'], 'memory :4'],
  ['namespaces', ['run', '-n', ''], 'shop default :4'],
  ['containers of the Pod', ['run', '--route=label', 'web-1', '-c', ''], 'of-web-1 :4'],
  ['Pods', ['run', 'po'], 'pod-1 pod-2 :4'],
  ['kinds, to go on typing', ['run', 'st'], 'sts/ :6'],
  ['objects of a kind', ['run', 'svc/svc-2'], 'svc/svc-2 :4'],
  ['Pods that are out', ['restore', ''], 'web-9 :4'],
  ['a file', ['run', '--kubeconfig', '/et'], ':0'],
  ['nothing after the target', ['run', 'web', ''], ':4'],
  ['the files of a command', ['run', 'web', '--', 'ls', '/'], ':0'],
])('%s', async (_what, line, answer) => {
  expect(await ask(...line)).toBe(answer);
});

it('connects with the flags on the line', async () => {
  const asked: unknown[] = [];
  await complete(program, ['-n', 'shop', 'run', '--context=prod', 'w'], (flags) => {
    asked.push(flags);
    return names;
  });
  expect(asked).toEqual([{ namespace: 'shop', context: 'prod' }]);
});

it('answers in the words of cobra, and nothing where no cluster can be reached', async () => {
  const answer = async (...line: string[]) => {
    const stdout = new PassThrough();
    const io = {
      stdin: new PassThrough(),
      stdout,
      stderr: new PassThrough(),
      env: {},
      signal: new AbortController().signal,
      recovery: undefined,
    };
    expect(await runProgram(['__complete', ...line], io)).toBe(0);
    stdout.end();
    return await text(stdout);
  };
  expect(await answer('stat')).toBe(
    'status\tShow Services, their endpoints and Pods, and who is out\n:4\n',
  );
  expect(await answer('run', '--kubeconfig=/nowhere/config', 'de')).toBe('deploy/\n:6\n');
});
