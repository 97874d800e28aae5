import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { findingNames } from '../../src/engine/index.ts';

it('lists every finding of the doctor, and none that is gone', async () => {
  const page = await readFile(new URL('../../docs/reference/doctor.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| ([a-z, ]+) \| (.+) \| (.+) \|$/gm)];
  const listed = Object.fromEntries(rows.map(([, name, , meaning]) => [name, meaning]));
  expect(listed).toEqual(findingNames);
});
