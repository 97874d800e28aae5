import { expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { parseFieldSelector } from './field-selector.ts';

const fields = {
  'metadata.name': ({ metadata }: KubeObject) => metadata?.name ?? '',
  'status.phase': (object: KubeObject) =>
    (object as { status?: { phase?: string } }).status?.phase ?? '',
};
const pod = { metadata: { name: 'a,b' }, status: { phase: 'Running' } };

it.each([
  ['', true],
  ['status.phase=Running', true],
  ['status.phase==Running', true],
  ['status.phase!=Running', false],
  ['status.phase!=Succeeded,status.phase!=Failed', true],
  [String.raw`metadata.name=a\,b`, true],
  ['status.phase=', false],
])('%s', (selector, expected) => {
  expect(parseFieldSelector(selector, fields)(pod)).toBe(expected);
});

it('names a field that cannot be selected by', () => {
  expect(() => parseFieldSelector('spec.foo=x', fields)).toThrow(
    'field label not supported: spec.foo',
  );
  expect(() =>
    parseFieldSelector('spec.foo=x', { 'metadata.name': fields['metadata.name'] }),
  ).toThrow('"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"');
  expect(() => parseFieldSelector('nonsense', fields)).toThrow(
    "invalid selector: 'nonsense'; can't understand 'nonsense'",
  );
});
