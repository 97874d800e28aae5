import { expect, it } from 'vitest';
import { expand } from './expand.ts';

it.each([
  ['$(A)-$(B)', '1-2'],
  ['$(NONE)', '$(NONE)'],
  ['$$(A)', '$(A)'],
  ['$A ${A} $', '$A ${A} $'],
  ['$(A', '$(A'],
])('expands %j to %j', (text, expected) => {
  expect(expand(text, { A: '1', B: '2' })).toBe(expected);
});
