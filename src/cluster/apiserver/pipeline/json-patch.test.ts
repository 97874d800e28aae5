import { expect, test } from 'vitest';
import { jsonPatch } from './json-patch.ts';

const object = { metadata: { name: 'web' }, spec: { list: [1, 2] } };

test.each([
  [[null]],
  [[{}]],
  [[{ op: 'no-such', path: '/a' }]],
  [[{ op: 'add', path: 'no/pointer', value: 1 }]],
  [[{ op: 'copy', path: '/a', from: 3 }]],
  [[{ op: 'move', path: '/a' }]],
  [[{ op: 'add', path: '/spec/list/9', value: 1 }]],
  [[{ op: 'test', path: '/metadata/name', value: 'x' }]],
])('%j does not apply', (patch) => {
  expect(() => jsonPatch(object, patch)).toThrow('the server rejected our request');
});

test.each([
  [{}, 'object into Go value of type jsonpatch.Patch'],
  [[1], 'number into Go value of type jsonpatch.Operation'],
  [[[]], 'array into Go value of type jsonpatch.Operation'],
  [[true], 'bool into Go value of type jsonpatch.Operation'],
])('%j is none', (patch, words) => {
  expect(() => jsonPatch(object, patch)).toThrow(`json: cannot unmarshal ${words}`);
});

test('all operations apply, in order, to a copy', () => {
  const patch = [
    { op: 'add', path: '/spec/list/-', value: 3 },
    { op: 'move', from: '/metadata/name', path: '/spec/name' },
  ];
  expect(jsonPatch(object, patch)).toEqual({
    metadata: {},
    spec: { list: [1, 2, 3], name: 'web' },
  });
  expect(object.metadata.name).toBe('web');
});
