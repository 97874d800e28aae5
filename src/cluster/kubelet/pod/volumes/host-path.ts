import type { HostPathVolumeSource } from 'kubernetes-types/core/v1.js';
import { mkdirSync, statSync, writeFileSync, type Stats } from 'node:fs';
import { VolumeError } from './volume-error.ts';

/** The machine's own file or directory, checked and made as its `type` says. */
export function hostPathOf({ path, type = '' }: HostPathVolumeSource): string {
  const make: Record<string, () => void> = {
    // No type asks for nothing; a container runtime makes a directory of what is missing.
    '': () => mkdirSync(path, { recursive: true }),
    DirectoryOrCreate: () => mkdirSync(path, { recursive: true, mode: 0o755 }),
    FileOrCreate: () => writeFileSync(path, '', { mode: 0o644, flag: 'a' }),
  };
  const stats = () => statSync(path, { throwIfNoEntry: false });
  try {
    if (!stats()) make[type]?.();
  } catch (cause) {
    throw new VolumeError(`hostPath type check failed: ${(cause as Error).message}`, { cause });
  }
  const found = stats();
  const check = checks[type];
  if (!found || (check && !check.is(found)))
    throw new VolumeError(`hostPath type check failed: ${path} is not a ${check?.name ?? 'file'}`);
  return path;
}

const directory = { name: 'directory', is: (stats: Stats) => stats.isDirectory() };
const file = { name: 'file', is: (stats: Stats) => stats.isFile() };
const checks: Readonly<
  Record<string, { readonly name: string; readonly is: (s: Stats) => boolean }>
> = {
  Directory: directory,
  DirectoryOrCreate: directory,
  File: file,
  FileOrCreate: file,
  Socket: { name: 'socket file', is: (stats) => stats.isSocket() },
  CharDevice: { name: 'character device', is: (stats) => stats.isCharacterDevice() },
  BlockDevice: { name: 'block device', is: (stats) => stats.isBlockDevice() },
};
