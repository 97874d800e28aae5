import { Command } from 'commander';
import { expect, it } from 'vitest';
import { commonOptions, text } from './flags.ts';
import { normalizeArguments, splitCommand } from './normalize-arguments.ts';

const program = new Command('kubectl pitstop');
for (const option of commonOptions()) program.addOption(option);
program.command('run').addOption(text('--keep <WHICH>', '')).option('--keep-remote');
program.command('restore').option('--all').option('--expired');
const doctor = program.command('doctor').option('--fix').option('-y, --yes').option('--no-files');
doctor.command('again').option('--keep');

const normal = (line: string) => normalizeArguments(program, line.split(' ')).join(' ');

it('keeps a bare --dry-run from eating the Pod', () => {
  expect(normal('run --dry-run web-1')).toBe('run --dry-run=client web-1');
});

it.each([
  ['restore --all=true --expired=false -v=6 -v6 --v=6', 'restore --all -v -v -v'],
  ['doctor --fix=true --yes=true --no-files=false', 'doctor --fix --yes'],
  ['--verbose=true restore --insecure-skip-tls-verify=false', '--verbose restore'],
  // With another verb it is the name of a flag with a value.
  ['run --keep=true --keep-remote=true', 'run --keep=true --keep-remote'],
  ['doctor again --keep=true', 'doctor again --keep'],
  // Not the verb, but the value of the flag before it.
  ['-n restore run --all=true', '-n restore run --all=true'],
  // A value that looks like a flag, and a flag that is unknown.
  ['run --keep --keep-remote=true', 'run --keep --keep-remote=true'],
  ['restore --al=true', 'restore --al=true'],
])('takes a value for what commander knows without one: %s', (line, expected) => {
  expect(normal(line)).toBe(expected);
});

it('cuts the command off at the first --, untouched', () => {
  expect(splitCommand(['run', 'web-1', '--', 'sh', '-c', 'a --dry-run', '--'])).toEqual({
    own: ['run', 'web-1'],
    command: ['sh', '-c', 'a --dry-run', '--'],
  });
  expect(splitCommand(['status']).command).toBeUndefined();
});
