import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MarkSearch } from './mark-search.ts';

const mark = Buffer.from('\n--\n-mark\n');

test('gives the same however the bytes are cut, though the mark’s beginning is among them', () => {
  const piece = fc.constantFrom('\n', '-', '--\n-mar', 'data', '\n--', '');
  const parts = fc.array(fc.array(piece, { maxLength: 12 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(parts, fc.infiniteStream(fc.integer({ min: 1, max: 5 })), (given, cuts) => {
      const contents = given.map((pieces) => Buffer.from(`${pieces.join('')}!`));
      const all = Buffer.concat(contents.flatMap((content) => [content, mark]));
      const search = new MarkSearch(mark);
      const found: string[] = [''];
      for (let at = 0; at < all.length;) {
        const [length = 1] = cuts.take(1);
        let rest: Buffer | undefined = all.subarray(at, at + length);
        at += length;
        while (rest) {
          const { before, behind } = search.next(rest);
          found[found.length - 1] += before.toString();
          if (behind) found.push('');
          rest = behind;
        }
      }
      expect(found).toEqual([...contents.map((content) => content.toString()), '']);
    }),
  );
});
