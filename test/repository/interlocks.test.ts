import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { interlockCatalogue } from '../../src/engine/index.ts';

const read = (path: string) => readFile(new URL(`../../docs/${path}`, import.meta.url), 'utf8');

it('lists every interlock in the reference, in order, with what overrides it', async () => {
  const page = await read('reference/interlocks.md');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.+?) \| (.+?) \|$/gm)].map((row) =>
    row.slice(1),
  );
  expect(rows).toEqual(
    Object.entries(interlockCatalogue).map(([name, { meaning, final }]) => [
      name,
      meaning,
      final === undefined ? `\`--override=${name}\`` : `nothing: ${final}`,
    ]),
  );
});

it('has a chapter in the guide for each, and for none that is gone', async () => {
  const page = await read('guide/when-it-refuses.md');
  const chapters = [...page.matchAll(/^### `([a-z-]+)`$/gm)].map(([, name = '']) => name);
  expect(chapters.toSorted()).toEqual(Object.keys(interlockCatalogue).toSorted());
});
