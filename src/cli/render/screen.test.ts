import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Screen } from './screen.ts';

it('draws over what it drew before, and no longer than the screen', () => {
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { rows: 4, columns: 10 });
  const screen = new Screen(output);
  screen.draw('one line that is too long\ntwo\n');
  expect(output.read()).toBe('\u001B[H\u001B[2Jone line t\u001B[K\ntwo\u001B[K\n\u001B[J');
  screen.draw('1\n2\n3\n4\n5\n');
  expect(output.read()).toBe('\u001B[H1\u001B[K\n2\u001B[K\n… 3 more l\u001B[K\n\u001B[J');
});
