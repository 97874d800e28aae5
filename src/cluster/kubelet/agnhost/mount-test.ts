import { readFileSync, statfsSync, statSync, writeFileSync, type Stats } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readFlags } from './flags.ts';
import { say } from './listen-address.ts';

const TMPFS = 0x01021994;
const NEW_FILE = 'mount-tester new file\n';

/** Tells about files and mounts in words that tests look for; exit code 1 when one of them failed. */
export async function mountTest(args: readonly string[]): Promise<void> {
  const flags = readFlags(args);
  process.umask(0);
  let failed = false;
  const each = (flag: string, work: (path: string) => void): void => {
    const path = flags.text(flag, '');
    if (path === '') return;
    try {
      work(path);
    } catch (error) {
      failed = true;
      say((error as Error).message);
    }
  };
  each('fs_type', (path) => {
    const { type } = ask('statfs', path, () => statfsSync(path));
    say(`mount type of "${path}": ${type === TMPFS ? 'tmpfs' : type}`);
  });
  for (const mode of [0o644, 0o666, 0o660, 0o777])
    each(`new_file_0${mode.toString(8)}`, (path) => {
      writeFileSync(path, NEW_FILE, { mode });
      tellContent(path);
    });
  each('file_mode', (path) =>
    say(`mode of file "${path}": ${modeText(ask('Stat', path, () => statSync(path)))}`),
  );
  each('file_perm', (path) => {
    const { mode } = ask('Stat', path, () => statSync(path));
    say(`perms of file "${path}": -${permissions(mode)}`);
  });
  each('file_owner', (path) => {
    const { uid, gid } = ask('stat', path, () => statSync(path));
    say(`owner UID of "${path}": ${uid}`);
    say(`owner GID of "${path}": ${gid}`);
  });
  each('file_content', tellContent);
  const looped = flags.text('file_content_in_loop', '');
  if (looped !== '')
    await tellInLoop(looped, {
      seconds: flags.number('retry_time', 180),
      stops: flags.text('break_on_expected_content', 'true') === 'true',
    });
  if (failed) process.exitCode = 1;
}

function ask<T>(call: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`error from ${call}("${path}"): ${goWords(error, path)}`, { cause: error });
  }
}

function tellContent(path: string): void {
  try {
    say(`content of file "${path}": ${readFileSync(path, 'utf8')}`);
  } catch (error) {
    throw new Error(`error reading file content for "${path}": ${goWords(error, path)}`, {
      cause: error,
    });
  }
}

async function tellInLoop(
  path: string,
  { seconds, stops }: { readonly seconds: number; readonly stops: boolean },
): Promise<void> {
  for (let round = 0; round < seconds; round += 1) {
    try {
      const content = readFileSync(path, 'utf8');
      say(`content of file "${path}": ${content}`);
      if (stops && content === NEW_FILE) return;
    } catch (error) {
      say(`Error reading file ${path}: ${goWords(error, path)}, retrying`);
    }
    await delay(1000);
  }
}

function goWords(error: unknown, path: string): string {
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    EROFS: 'read-only file system',
    EISDIR: 'is a directory',
  };
  return words[code ?? ''] === undefined ? message : `${syscall} ${path}: ${words[code ?? '']}`;
}

/** Go's os.FileMode: type and special bits first, then three times rwx. */
export function modeText(stats: Pick<Stats, 'mode'>): string {
  const { mode } = stats;
  const type =
    { 0o040000: 'd', 0o120000: 'L', 0o140000: 'S', 0o010000: 'p' }[mode & 0o170000] ?? '';
  const special = `${mode & 0o4000 ? 'u' : ''}${mode & 0o2000 ? 'g' : ''}${mode & 0o1000 ? 't' : ''}`;
  return `${type + special || '-'}${permissions(mode)}`;
}

function permissions(mode: number): string {
  return 'rwxrwxrwx'.replace(/./g, (letter, i: number) => (mode & (0o400 >> i) ? letter : '-'));
}
