import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { PrivatePlaces } from './private-places.ts';
import { isWithin } from './within.ts';

/** A directory of the machine's that a container has one of its own instead of. */
export interface Cover {
  /** Where the container sees it. */
  readonly path: string;
  /** Where on this machine its content lies: the container's alone. */
  readonly store: string;
  readonly mode: number;
  /** It lies in the container's root itself; any other is bound over what the machine has there. */
  readonly inRoot: boolean;
  readonly readOnly: boolean;
}

/** Shown by mounts of another kind, or not at all. */
const KERNELS = ['/dev', '/proc'];

/** What covers the machine's directories in one container; `root` becomes its `/`. */
export function coversOf(options: {
  readonly root: string;
  readonly directory: string;
  readonly places: PrivatePlaces;
  readonly readOnly: boolean;
}): Cover[] {
  const { root, directory, places, readOnly } = options;
  const scratch = [
    { path: '/tmp', name: 'tmp', mode: 0o1777 },
    { path: '/var/tmp', name: 'var-tmp', mode: 0o1777 },
    { path: '/run', name: 'run', mode: 0o755 },
  ].map(({ path, name, mode }): Cover => ({
    path,
    store: join(directory, name),
    mode,
    inRoot: false,
    readOnly,
  }));
  const isCovered = (path: string) => scratch.some((cover) => isWithin(path, cover.path));
  const homes = [...new Set(['/root', ...places.homes])]
    .filter((path) => !isCovered(path))
    .map((path, index): Cover => {
      // A mount point in a read-only bind cannot be made; in the container's root it needs none.
      const inRoot = dirname(path) === '/';
      const store = inRoot ? join(root, path) : join(directory, 'homes', `${index}`);
      return { path, store, mode: path === '/root' ? 0o700 : 0o755, inRoot, readOnly };
    });
  const secrets = places.directories
    .filter((path) => !isCovered(path))
    .map((path, index): Cover => {
      const store = join(directory, 'empty', `${index}`);
      return { path, store, mode: 0o755, inRoot: false, readOnly: true };
    });
  return [...scratch, ...homes, ...secrets];
}

/** Makes the directories, and in them the home of the user who runs the cluster. */
export function makeCovers(covers: readonly Cover[], { ownHome }: PrivatePlaces): void {
  for (const { store, mode } of covers) {
    mkdirSync(store, { recursive: true });
    // Not by mkdir, whose mode the umask cuts.
    chmodSync(store, mode);
  }
  const home = ownHome === undefined ? undefined : storeOf(ownHome, covers);
  if (home !== undefined) mkdirSync(home, { recursive: true, mode: 0o755 });
}

/** Whether the container sees something else than the machine at this path. */
export function isHidden(path: string, covers: readonly Pick<Cover, 'path'>[]): boolean {
  return [...KERNELS, ...covers.map((cover) => cover.path)].some((one) => isWithin(path, one));
}

/** Where a path that is covered lies on this machine; undefined for any other. */
export function storeOf(path: string, covers: readonly Cover[]): string | undefined {
  const cover = covers.find((one) => isWithin(path, one.path));
  return cover && join(cover.store, relative(cover.path, path));
}

/** What secret files are bound over with. */
export function emptyFile(directory: string): string {
  const path = join(directory, 'nothing');
  if (!existsSync(path)) writeFileSync(path, '', { mode: 0o444 });
  return path;
}
