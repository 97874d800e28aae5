import { describe, expect, it } from 'vitest';
import { normalizeArguments } from './normalize-arguments.ts';

describe('normalizeArguments', () => {
  it('keeps a bare --dry-run from eating the Pod', () => {
    expect(normalizeArguments(['run', '--dry-run', 'web-1']).args).toEqual([
      'run',
      '--dry-run=client',
      'web-1',
    ]);
  });

  it('takes booleans with a value and verbosity with a level', () => {
    const words = ['restore', '--all=true', '--expired=false', '-v=6', '-v6', '--v=6'];
    expect(normalizeArguments(words).args).toEqual(['restore', '--all', '-v', '-v', '-v']);
    const doctor = ['doctor', '--fix=true', '--yes=true', '--files=false'];
    expect(normalizeArguments(doctor).args).toEqual(['doctor', '--fix', '--yes']);
  });

  it('cuts the command off at the first --, untouched', () => {
    expect(normalizeArguments(['run', 'web-1', '--', 'sh', '-c', 'a --dry-run', '--'])).toEqual({
      args: ['run', 'web-1'],
      command: ['sh', '-c', 'a --dry-run', '--'],
    });
    expect(normalizeArguments(['status']).command).toBeUndefined();
  });
});
