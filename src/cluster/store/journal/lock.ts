import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { open, rename, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { JournalError } from './journal-error.ts';

/** A socket's address has 108 bytes. */
const MAX_PATH_BYTES = 100;

/**
 * Keeps others out of a directory while this process lives, by listening on a socket in it: the
 * kernel gives it up however the process ends, and it is the same one from any PID or network
 * namespace, where a process id says nothing. Rejects when another cluster has the directory.
 */
export async function lockDirectory(directory: string): Promise<AsyncDisposable> {
  await using taken = new AsyncDisposableStack();
  let base = directory;
  if (Buffer.byteLength(join(directory, 'lock')) > MAX_PATH_BYTES) {
    base = `/proc/self/fd/${taken.use(await open(directory, 'r')).fd}`;
  }
  const path = join(base, 'lock');
  for (let attempt = 0; attempt < 5; attempt++) {
    const server = createServer((socket) => socket.destroy());
    server.listen(path).unref();
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await removeStale(path, directory);
      continue;
    }
    // Closing also removes the socket's file.
    taken.defer(() => new Promise((resolve) => server.close(() => resolve())));
    return taken.move();
  }
  throw inUse(directory);
}

/** Somebody else may be doing the same: what was put aside is looked at once more. */
async function removeStale(path: string, directory: string): Promise<void> {
  if (await isAlive(path)) throw inUse(directory);
  const aside = `${path}-${randomUUID().slice(0, 8)}`;
  await rename(path, aside).catch(() => {});
  if (await isAlive(aside)) {
    await rename(aside, path);
    throw inUse(directory);
  }
  await rm(aside, { force: true });
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function inUse(directory: string): JournalError {
  return new JournalError(
    `${directory} is in use by another cluster: stop that one first, or choose another directory`,
  );
}
