import { checkFile } from '../artifact/check.ts';
import { openDestination } from '../collection/destination.ts';
import { bringByCat } from '../collection/cat-home.ts';
import { bringDirectory } from '../collection/directory-home.ts';
import { bringFile } from '../collection/file-home.ts';
import type { Home, HomeOptions } from '../collection/home.ts';
import { NoReader, removeRemote } from '../collection/remote-file.ts';
import { NoShell } from '../container/shell.ts';
import type { Artifact } from '../session/session.ts';

export { checkDestination, checkRoomFor, type Destination } from '../collection/destination.ts';

interface CollectOptions extends HomeOptions {
  /** Directory, file, or `-` for stdout. */
  readonly destination: string;
  /** Leave the file in the container, even if we made it. */
  readonly keepRemote?: boolean | undefined;
}

/**
 * Step `collect`: brings a file or directory home, proves that size and SHA-256 agree on both ends and
 * that its content is well-formed, then removes it from the container if we made it. Cut streams are
 * taken up where they broke; what another process left as `.part` is finished. Throws
 * `collect-failed` (with `.part` kept), `artifact-corrupt`, `output-unusable`.
 */
export async function collect(options: CollectOptions): Promise<Artifact> {
  const startedAt = performance.now();
  const { remote, keepRemote = false, store = 'dumped' } = options;
  const isOnlyCopy = remote.removable && !keepRemote;
  const home = await bring({ ...options, isOnlyCopy });
  const remoteRemoved = isOnlyCopy
    ? await removeRemote(options.target, remote).catch(() => false)
    : false;
  // Only now: what arrived is what the container had, so nothing is lost by having removed that.
  const { facts, tables } =
    home.findings ?? (await checkFile(home.path, remote.format, options.signal));
  return {
    path: home.path,
    remotePath: remote.path,
    sizeBytes: home.sizeBytes,
    sha256: home.sha256,
    compression: home.compression,
    wireBytes: home.wireBytes,
    stored: home.path === '-' ? 'dumped' : store,
    storedBytes: home.storedBytes,
    verified: home.verified,
    format: remote.format,
    summary: [...facts, ...(home.remarks ?? [])],
    tables,
    durationMs: Math.round(performance.now() - startedAt),
    remoteRemoved,
  };
}

async function bring(options: CollectOptions): Promise<Home> {
  const destination = await openDestination(options.destination);
  if (options.remote.format === 'directory') return await bringDirectory(options, destination);
  try {
    return await bringFile(options, destination);
  } catch (error) {
    if (!(error instanceof NoShell || error instanceof NoReader)) throw error;
    return await bringByCat(options, destination);
  }
}
