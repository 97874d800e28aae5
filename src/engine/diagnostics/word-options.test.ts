import { expect, test } from 'vitest';
import {
  anyText,
  describeOptions,
  durationMs,
  flag,
  oneOf,
  readOptions,
  wholeNumber,
} from './word-options.ts';

const spec = {
  duration: durationMs,
  port: wholeNumber('6060', { most: 65_535 }),
  gc: flag,
  format: oneOf('text', 'pprof'),
  path: anyText('/debug/pprof'),
};
const read = (...words: readonly string[]) => readOptions('go-heap', spec, words);

test('options are read with = or as the next word', () => {
  expect(read('--duration=30s', '--port', '6060', '--gc', '--path=/a=b')).toEqual({
    duration: 30_000,
    port: 6060,
    gc: true,
    path: '/a=b',
  });
  expect(read()).toEqual({});
});

test.each([
  ['500ms', 500],
  ['30', 30_000],
  ['1.5m', 90_000],
])('a duration of %s', (word, ms) => {
  expect(read('--duration', word)).toEqual({ duration: ms });
});

test.each([
  ['--nope', 'go-heap has no option --nope'],
  ['constructor', 'go-heap has no option constructor'],
  ['--constructor', 'go-heap has no option --constructor'],
  ['--duration=soon', 'go-heap: --duration=soon is not --duration=30s'],
  ['--duration=0', 'go-heap: --duration=0 is not --duration=30s'],
  ['--duration', 'go-heap: --duration is not --duration=30s'],
  ['--port=70000', 'go-heap: --port=70000 is not --port=6060'],
  ['--gc=yes', 'go-heap: --gc=yes is not --gc'],
  ['--format=xml', 'go-heap: --format=xml is not --format=text|pprof'],
])('%s is refused', (word, message) => {
  expect(() => read(word)).toThrow(
    expect.objectContaining({
      code: 'diagnostic-option',
      message,
      hint: `go-heap takes ${describeOptions(spec)}`,
    }),
  );
});
