import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeAtomically } from './atomic-writer.ts';

function volume(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pitstop-volume-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

const files = (content: Readonly<Record<string, string>>, mode = 0o644) =>
  new Map(
    Object.entries(content).map(([path, text]) => [path, { content: Buffer.from(text), mode }]),
  );

test('shows files through links that are swapped all at once', () => {
  const directory = volume();
  expect(writeAtomically(directory, files({ a: '1', 'deep/b': '2' }, 0o400))).toBe(true);
  expect(readlinkSync(join(directory, 'a'))).toBe('..data/a');
  expect(readlinkSync(join(directory, 'deep'))).toBe('..data/deep');
  expect(readFileSync(join(directory, 'deep/b'), 'utf8')).toBe('2');
  expect(statSync(join(directory, 'a')).mode & 0o777).toBe(0o400);

  const before = readlinkSync(join(directory, '..data'));
  expect(writeAtomically(directory, files({ c: '3', 'deep/b': 'two' }))).toBe(true);
  expect(readlinkSync(join(directory, '..data'))).not.toBe(before);
  expect(
    readdirSync(directory)
      .filter((name) => !name.startsWith('..'))
      .toSorted(),
  ).toEqual(['c', 'deep']);
  expect(readFileSync(join(directory, 'deep/b'), 'utf8')).toBe('two');
  expect(lstatSync(join(directory, before), { throwIfNoEntry: false })).toBeUndefined();
});

test('touches nothing when nothing has changed', () => {
  const directory = volume();
  writeAtomically(directory, files({ a: '1' }));
  const before = readlinkSync(join(directory, '..data'));
  expect(writeAtomically(directory, files({ a: '1' }))).toBe(false);
  expect(readlinkSync(join(directory, '..data'))).toBe(before);
});
