import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';

export interface VolumeFile {
  readonly content: Buffer;
  readonly mode: number;
}

/** What a volume holds, by path below its root. */
export type Payload = ReadonlyMap<string, VolumeFile>;

export interface Owner {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

const CURRENT = '..data';

/**
 * Shows new files all at once: they lie in a directory named by the time, `..data` is a link to it
 * that is replaced by a rename, and each name a container sees is a link through `..data`. Returns
 * whether anything had to be written.
 */
export function writeAtomically(directory: string, payload: Payload, owner: Owner = {}): boolean {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o1777);
  const before = currentOf(directory);
  if (before !== undefined && holds(join(directory, before), payload)) return false;
  const name = `..${new Date().toISOString().replace(/[-:T]/g, '_').replace('Z', '')}${process.hrtime()[1]}`;
  const next = join(directory, name);
  mkdirSync(next, { mode: 0o755 });
  chmodSync(next, 0o755);
  for (const [path, { content, mode }] of payload) {
    const file = join(next, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, content);
    if (owner.uid !== undefined || owner.gid !== undefined)
      chownSync(file, owner.uid ?? 0, owner.gid ?? 0);
    chmodSync(file, owner.gid === undefined ? mode : mode | 0o440);
  }
  const link = join(directory, `${CURRENT}_tmp`);
  rmSync(link, { force: true });
  symlinkSync(name, link);
  renameSync(link, join(directory, CURRENT));
  showNames(directory, payload);
  if (before !== undefined) rmSync(join(directory, before), { recursive: true, force: true });
  return true;
}

function currentOf(directory: string): string | undefined {
  try {
    return readlinkSync(join(directory, CURRENT));
  } catch {
    return undefined;
  }
}

function holds(directory: string, payload: Payload): boolean {
  try {
    const files = readdirSync(directory, { recursive: true, withFileTypes: true });
    const there = files.filter((entry) => entry.isFile()).length;
    return (
      there === payload.size &&
      [...payload].every(([path, { content, mode }]) => {
        const file = join(directory, path);
        return (statSync(file).mode & mode) === mode && readFileSync(file).equals(content);
      })
    );
  } catch {
    return false;
  }
}

/** The first part of each path is a link through `..data`; links of before that lead nowhere go. */
function showNames(directory: string, payload: Payload): void {
  const names = new Set([...payload.keys()].map((path) => path.split(sep)[0] ?? path));
  const shown = readdirSync(directory).filter((name) => !name.startsWith('..'));
  for (const name of names)
    if (!shown.includes(name)) symlinkSync(join(CURRENT, name), join(directory, name));
  for (const name of shown) if (!names.has(name)) unlinkSync(join(directory, name));
}
