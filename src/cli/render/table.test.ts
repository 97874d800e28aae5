import { expect, it } from 'vitest';
import { renderTable } from './table.ts';

const rows = [
  ['my-svc', '2', '3m20s'],
  ['a', '10', '8d'],
];

it('prints a table as kubectl does', () => {
  expect(renderTable(['NAME', 'READY', 'AGE'], rows)).toMatchInlineSnapshot(`
    "NAME     READY   AGE
    my-svc   2       3m20s
    a        10      8d
    "
  `);
});

it('leaves the header line out on request', () => {
  expect(renderTable(['NAME', 'READY', 'AGE'], rows, { headers: false })).toBe(
    'my-svc   2    3m20s\na        10   8d\n',
  );
});
