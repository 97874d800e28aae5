import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkDestination, checkRoomFor, openDestination } from './destination.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'destination-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('a directory that is missing is checked without being made, and made once it is needed', async () => {
  const home = folder();
  const path = join(home, 'dumps/of/today');
  const destination = await checkDestination(`${path}/`);
  expect(destination).toEqual({ kind: 'directory', path });
  await checkRoomFor(destination, { sizeBytes: 1_000_000, isPacked: false });
  await expect(
    checkRoomFor(destination, { sizeBytes: 1e18, isPacked: false }),
  ).rejects.toMatchObject({ code: 'output-unusable' });
  expect(readdirSync(home)).toEqual([]);
  expect(await openDestination(`${path}/`)).toEqual(destination);
  expect(readdirSync(path)).toEqual([]);
  expect(await checkDestination(path)).toEqual(destination);
});

test('stdout needs nothing', async () => {
  expect(await checkDestination('-')).toEqual({ kind: 'stdout' });
});

test('says before anything else when nothing can be written there', async () => {
  const home = folder();
  writeFileSync(join(home, 'file'), '');
  symlinkSync(join(home, 'nowhere'), join(home, 'link'));
  for (const [output, reason] of [
    [
      '/proc/nowhere/',
      /^\/proc\/nowhere: no directory can be made in \/proc: ENOENT: no such file or directory$/,
    ],
    ['/proc/nowhere/deeper/', /deeper: no directory can be made in \/proc: ENOENT/],
    ['/no/such/directory/file', /file: no file can be made in \/no\/such\/directory: ENOENT/],
    [`${home}/file/`, /file: it is no directory$/],
    [`${home}/file/below/`, /below: ENOTDIR/],
    [`${home}/link/`, /link: it is a link to something that is not there$/],
    [`${home}/${'long'.repeat(100)}/`, /: ENAMETOOLONG/],
    [`${home}/file`, /file: it exists already/],
  ] as const)
    await expect(checkDestination(output)).rejects.toMatchObject({
      code: 'output-unusable',
      message: expect.stringMatching(reason),
    });
  expect(readdirSync(home).toSorted()).toEqual(['file', 'link']);
  expect(existsSync('/no')).toBe(false);
});
