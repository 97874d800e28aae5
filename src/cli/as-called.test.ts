import { expect, it } from 'vitest';
import { asCalled } from './as-called.ts';

const text = 'put it back: kubectl pitstop restore web -n shop';

it('names npx to who has come through npm, and kubectl to everybody else', () => {
  const npx = 'put it back: npx kubectl-pitstop restore web -n shop';
  expect(asCalled(text, { npm_command: 'exec' })).toBe(npx);
  expect(asCalled(text, { npm_command: 'run-script' })).toBe(npx);
  expect(asCalled(text, {})).toBe(text);
});
