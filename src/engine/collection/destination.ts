import { constants } from 'node:fs';
import {
  access,
  link,
  lstat,
  mkdir,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import { PitstopError } from '../errors.ts';
import { formatSize } from '../words.ts';

/** Where an artifact goes: a directory that it gets a name in, one file, or stdout. */
export type Destination =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdout' };

/**
 * Reads a `-O` value and makes sure that a file can be made there, *before* anything is touched in the
 * cluster; leaves nothing behind. A directory may be missing if it is written with a slash at the end:
 * then it can be made where the way to it ends. Throws `output-unusable`.
 */
export async function checkDestination(output: string): Promise<Destination> {
  if (output === '-') return { kind: 'stdout' };
  const path = resolve(output);
  try {
    if (/[/\\]$/.test(output) || (await isDirectory(path))) {
      const there = await existingPart(path);
      await tryToMake(there === path ? 'file' : 'directory', there);
      return { kind: 'directory', path };
    }
    if (await exists(path)) throw unusable(path, 'it exists already, and nothing is overwritten');
    await tryToMake('file', dirname(path));
    return { kind: 'file', path };
  } catch (cause) {
    if (cause instanceof PitstopError) throw cause;
    throw unusable(path, (cause as Error).message, cause);
  }
}

/** As `checkDestination`, for somebody who is about to write: a missing directory is made. */
export async function openDestination(output: string): Promise<Destination> {
  const destination = await checkDestination(output);
  if (destination.kind !== 'directory') return destination;
  try {
    await makeDirectory(destination.path);
  } catch (cause) {
    throw unusable(destination.path, (cause as Error).message, cause);
  }
  return destination;
}

function unusable(path: string, reason: string, cause?: unknown): PitstopError {
  return new PitstopError('output-unusable', `${path}: ${reason}`, {
    hint: 'name another file or directory with -O',
    cause,
  });
}

/** mkdir's own `recursive` never returns where a file system refuses with ENOENT, as /proc does. */
async function makeDirectory(path: string): Promise<void> {
  if (await isDirectory(path)) return;
  if (dirname(path) !== path) await makeDirectory(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    if (!(await isDirectory(path))) throw error;
  });
}

/** Throws why none can be made there, without the name of the one that was tried. */
async function tryToMake(kind: 'file' | 'directory', place: string): Promise<void> {
  const probe = join(place, `.pitstop-${randomBytes(4).toString('hex')}`);
  try {
    if (kind === 'file') {
      await writeFile(probe, '', { flag: 'wx', mode: 0o600 });
      await rm(probe);
    } else {
      await mkdir(probe, { mode: 0o700 });
      await rmdir(probe);
    }
  } catch (cause) {
    const [reason] = (cause as Error).message.split(', ');
    throw new Error(`no ${kind} can be made in ${place}: ${reason}`, { cause });
  }
}

/** The directory, or the nearest one above it that there is. Throws where something else is in the way. */
async function existingPart(path: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const isLink = await lstat(path).then(
      () => true,
      () => false,
    );
    if (isLink) throw unusable(path, 'it is a link to something that is not there', error);
    return await existingPart(dirname(path));
  }
  throw unusable(path, 'it is no directory');
}

/** The file to make: its own name in a directory, or the file that was named. */
export function placeIn(
  destination: Exclude<Destination, { kind: 'stdout' }>,
  name: string,
): string {
  return destination.kind === 'file' ? destination.path : join(destination.path, name);
}

/** Dumps are packed to a third or a quarter of their size. */
export const packedShare = 3;

/** Throws `output-unusable` when the disk has less free space than is still to come. */
export async function checkRoom(path: string, missingBytes: number): Promise<void> {
  const freeBytes = await freeIn(dirname(path));
  if (freeBytes >= missingBytes) return;
  throw unusable(
    path,
    `${formatSize(missingBytes)} are still to come, ${formatSize(freeBytes)} are free`,
  );
}

/**
 * Throws `output-unusable` when there is less room than what may come is estimated to need: found
 * before the Pod is touched, since afterwards it would be out for nothing.
 */
export async function checkRoomFor(
  destination: Destination,
  { sizeBytes, isPacked }: { readonly sizeBytes: number; readonly isPacked: boolean },
): Promise<void> {
  if (destination.kind === 'stdout') return;
  const { kind, path } = destination;
  const freeBytes = await freeIn(await existingPart(kind === 'directory' ? path : dirname(path)));
  if (freeBytes >= (isPacked ? sizeBytes / packedShare : sizeBytes)) return;
  throw new PitstopError(
    'output-unusable',
    `${path}: up to ${formatSize(sizeBytes)} may come, ${formatSize(freeBytes)} are free there`,
    {
      hint: `name another directory with -O${isPacked ? '' : ', keep it compressed with --store=zstd'}, or insist with --override=disk`,
    },
  );
}

async function freeIn(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/**
 * Gives the finished `.part` file its name without ever replacing a file. In a directory an occupied
 * name gets a number; a named file that has appeared meanwhile is refused and `.part` stays.
 */
export async function publish(
  part: string,
  path: string,
  destination: Destination,
): Promise<string> {
  for (let number = 1; ; number += 1) {
    const wanted = number === 1 ? path : numbered(path, number);
    if (await moveWithoutReplacing(part, wanted)) return wanted;
    if (destination.kind === 'file') {
      throw unusable(path, `it has been made by somebody else meanwhile; ${part} is kept`);
    }
  }
}

async function moveWithoutReplacing(from: string, to: string): Promise<boolean> {
  try {
    // link fails on an existing name, rename would replace it.
    await link(from, to);
    await rm(from);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    if (await exists(to)) return false;
    await rename(from, to);
    return true;
  }
}

function numbered(path: string, number: number): string {
  const extension = extname(path);
  return join(dirname(path), `${basename(path, extension)}-${number}${extension}`);
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return await access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
