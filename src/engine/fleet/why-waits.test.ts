import { expect, it } from 'vitest';
import { PitstopError } from '../errors.ts';
import { waitsAfterRefusal } from './why-waits.ts';

const interlocks = (...names: readonly string[]) =>
  new PitstopError('interlock', names.map((name) => `interlock ${name}: pod/web-1`).join('\n'));
const calm = { isCrowded: false };

it('what others hold is waited for as long as they hold it', () => {
  expect(waitsAfterRefusal(new PitstopError('max-out', 'full'), calm)).toBe('others');
  expect(waitsAfterRefusal(interlocks('session-exists', 'not-ready'), calm)).toBe('others');
  expect(waitsAfterRefusal(interlocks('last-endpoint'), { isCrowded: true })).toBe('others');
});

it('a rollout and a lost race settle', () => {
  expect(waitsAfterRefusal(interlocks('rollout'), calm)).toBe('settles');
  expect(waitsAfterRefusal(new PitstopError('conflict', 'changed'), calm)).toBe('settles');
});

it('anything else is refused', () => {
  expect(waitsAfterRefusal(interlocks('rollout', 'last-endpoint'), calm)).toBeUndefined();
  expect(
    waitsAfterRefusal(new PitstopError('no-route', 'none'), { isCrowded: true }),
  ).toBeUndefined();
  expect(waitsAfterRefusal(new Error('bug'), calm)).toBeUndefined();
});
