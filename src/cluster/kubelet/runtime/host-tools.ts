import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import type { PrivatePlaces } from './private-places.ts';
import { isWithin } from './within.ts';

/**
 * What the commands on a PATH need and a container would not see: a JDK or a Node below somebody's
 * home, also when only a link on the PATH leads there. Each PATH is looked through once.
 */
export function hostTools(
  places: PrivatePlaces,
  isHidden: (path: string) => boolean,
): (path: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (path) => {
    const found = known.get(path) ?? toolsOf(path, { places, isHidden });
    // Pods name their own PATHs, and nothing bounds how many.
    if (known.size < 100) known.set(path, found);
    return found;
  };
}

interface Where {
  readonly places: PrivatePlaces;
  readonly isHidden: (path: string) => boolean;
}

function toolsOf(path: string, where: Where): string[] {
  const directories = [...new Set([dirname(process.execPath), ...path.split(delimiter)])];
  const found = directories.flatMap((directory) => {
    if (!directory.startsWith('/') || !existsSync(directory)) return [];
    const real = realpathSync(directory);
    const own = [...new Set([directory, real])].filter(where.isHidden);
    return [
      ...own.flatMap((one) => installationOf(one, where) ?? []),
      ...targetsOf(real)
        .filter(where.isHidden)
        .map((file) => installationOf(dirname(file), where) ?? file),
    ];
  });
  return [...new Set(found)];
}

/** The files that the links of a directory lead to. */
function targetsOf(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isSymbolicLink()) return [];
    try {
      return [realpathSync(join(directory, entry.name))];
    } catch {
      return [];
    }
  });
}

/**
 * A program's libraries lie beside its `bin`. Directories such as ~/.local hold much else: of them
 * only `bin` is taken, and nothing that holds a home or a cluster's files.
 */
function installationOf(directory: string, { places }: Where): string | undefined {
  const prefix = dirname(directory);
  const isOne =
    basename(directory) === '.bin' ||
    (basename(directory) === 'bin' &&
      existsSync(join(prefix, 'lib')) &&
      !(isHome(dirname(prefix), places) && basename(prefix).startsWith('.')));
  if (isOne && !holdsSecrets(prefix, places)) return prefix;
  return holdsSecrets(directory, places) ? undefined : directory;
}

function isHome(path: string, { homes, ownHome }: PrivatePlaces): boolean {
  return path === ownHome || homes.includes(path) || dirname(path) === '/home';
}

function holdsSecrets(path: string, places: PrivatePlaces): boolean {
  const { homes, ownHome = '/root', ofClusters } = places;
  return (
    isHome(path, places) || [...homes, ownHome, ...ofClusters].some((one) => isWithin(one, path))
  );
}
