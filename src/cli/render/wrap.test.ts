import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { wrap } from './wrap.ts';

const terminal = (columns: number) => Object.assign(new PassThrough(), { isTTY: true, columns });

it('breaks at spaces where a terminal is too narrow', () => {
  expect(wrap('out of my-svc, and back', terminal(14))).toEqual(['out of my-svc,', 'and back']);
  expect(wrap('out of my-svc, and back', terminal(14), 3)).toEqual([
    'out of',
    'my-svc, and',
    'back',
  ]);
});

it('keeps what a user copies whole, however long', () => {
  const path = '/home/me/pitstop-artifacts/heap.hprof';
  expect(wrap(`in ${path} now`, terminal(10))).toEqual(['in', path, 'now']);
});

it('leaves files and pipes alone', () => {
  expect(wrap('a b c d e f', new PassThrough())).toEqual(['a b c d e f']);
  expect(wrap('a b c d e f', terminal(0))).toEqual(['a b c d e f']);
});
