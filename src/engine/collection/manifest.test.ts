import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readManifest, removeManifest } from './manifest.ts';

test('a manifest goes with what a killed process had begun to write of it, which counts for nothing', async () => {
  const home = mkdtempSync(join(tmpdir(), 'manifest-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const path = join(home, 'heap.hprof.part.json');
  writeFileSync(`${path}.new`, '{"ranges": [');
  expect(await readManifest(path)).toBeUndefined();
  writeFileSync(path, '{"ranges": [');
  expect(await readManifest(path)).toBeUndefined();
  writeFileSync(join(home, 'heap.hprof.part'), 'kept');
  await removeManifest(path);
  expect(readdirSync(home)).toEqual(['heap.hprof.part']);
});
