import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { errorCodes } from '../../src/engine/errors.ts';

it('lists every error code of the engine, and none that is gone', async () => {
  const page = await readFile(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)];
  expect(Object.fromEntries(rows.map(([, code, meaning]) => [code, meaning]))).toEqual(errorCodes);
});
