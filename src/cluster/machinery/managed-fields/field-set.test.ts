import { expect, it } from 'vitest';
import { type FieldSet, sortedSet } from './field-set.ts';

const set = (...elements: readonly string[]): FieldSet =>
  Object.fromEntries(elements.map((element) => [element, {}]));

it.each([
  [
    'numbers of keys by value',
    ['k:{"port":443,"protocol":"TCP"}', 'k:{"port":8080,"protocol":"TCP"}'],
  ],
  ['and then the next key', ['k:{"port":53,"protocol":"TCP"}', 'k:{"port":53,"protocol":"UDP"}']],
  [
    'strings of keys by their bytes',
    ['k:{"name":"V10"}', 'k:{"name":"V2"}', 'k:{"name":"a"}', 'k:{"name":"ab"}'],
  ],
  ['what looks like a number in a string too', ['k:{"ip":"a:10"}', 'k:{"ip":"a:9"}']],
  ['fields, keys, values, then indices', ['.', 'f:z', 'k:{"a":"b"}', 'v:"a"', 'i:2', 'i:10']],
])('orders %s', (_, expected) => {
  expect(Object.keys(sortedSet(set(...expected.toReversed())))).toEqual(expected);
});
