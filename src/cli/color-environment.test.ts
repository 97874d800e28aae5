import { expect, it } from 'vitest';
import { colorEnvironment } from './color-environment.ts';

it('--color has the last word over NO_COLOR and FORCE_COLOR', () => {
  const always = { FORCE_COLOR: '1', NO_COLOR: undefined };
  expect(colorEnvironment(['status', '--color=always'])).toEqual(always);
  expect(colorEnvironment(['--color', 'never', 'status'])).toEqual({
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
  });
  expect(colorEnvironment(['status', '--color=never', '--color=always'])).toEqual(always);
});

it('leaves the environment alone otherwise', () => {
  expect(colorEnvironment(['status'])).toEqual({});
  expect(colorEnvironment(['status', '--color=auto'])).toEqual({});
  expect(colorEnvironment(['run', 'web', '--', 'ls', '--color=always'])).toEqual({});
});
