import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hostTool } from './find-command.ts';
import type { Mount } from './runtime.ts';

const known = new Map<string, readonly string[]>();

/**
 * The shared libraries and loaders that programs among these files need, as mounts at the places
 * where the loader looks for them. Directories are gone through. None where the image has a loader of
 * its own (`/lib64`): it is a whole system, with other libraries than this machine's.
 */
export function librariesFor(files: readonly Mount[]): Mount[] {
  if (files.some(({ target }) => target === '/lib64')) return [];
  const sources = files.map(({ source }) => source);
  const key = sources.join('\0');
  const found = known.get(key) ?? librariesOf(sources.flatMap(programsIn));
  known.set(key, found);
  return found.map((path) => ({ source: path, target: path, readOnly: true }));
}

/** What ldd(1) says that these programs load, the loader included; nothing without ldd. */
export function librariesOf(programs: readonly string[]): string[] {
  if (programs.length === 0) return [];
  const { stdout } = spawnSync(hostTool('ldd'), programs, { encoding: 'utf8' });
  const paths = [...(stdout ?? '').matchAll(/^\t(?:\S+ => )?(\/\S+)(?: => \S+)? \(0x/gm)];
  return [...new Set(paths.map(([, path = '']) => path))].filter(
    (path) => !programs.includes(path),
  );
}

function programsIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return isProgram(path) ? [path] : [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => /\.so(\.|$)/.test(file) || (statSync(file).mode & 0o111) !== 0)
    .filter(isProgram);
}

function isProgram(file: string): boolean {
  const magic = Buffer.alloc(4);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, magic, 0, 4, 0);
  } finally {
    closeSync(descriptor);
  }
  return magic.equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]));
}
