import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cgroupPrefix, cgroupRoots, removeCgroup } from '../../cgroup-directories.ts';

/** Holds the memory of the processes in it to a limit. */
export interface MemoryCgroup {
  /** The directory with `cgroup.procs`. */
  readonly path: string;
  /** Whether the kernel has ended a process for passing the limit. */
  oomKilled(): boolean;
  /** Bytes in use now, file cache that can go left out. */
  usage(): number;
  remove(): Promise<void>;
}

/** The memory cgroups of one cluster; disposing removes those that are empty. */
export interface MemoryCgroups {
  make(name: string, limitBytes: number): MemoryCgroup;
}

const OURS = cgroupPrefix();
const STALE_MS = 60_000;

/**
 * Cgroups below the machine's root, of version 2 or 1; undefined where this process may not make
 * any (an ordinary user's may not). Empty ones that a killed cluster has left are removed.
 */
export function openMemoryCgroups(cluster: string): MemoryCgroups | undefined {
  const version = [v2, v1].find(isUsable);
  if (!version) return undefined;
  removeStale(version.root);
  const parent = join(version.root, `${OURS}${cluster}`);
  return {
    make(name, limitBytes) {
      const path = join(parent, name);
      mkdirSync(parent, { recursive: true });
      if (version === v2) write(parent, 'cgroup.subtree_control', '+memory');
      mkdirSync(path, { recursive: true });
      for (const [file, value] of version.limit(limitBytes)) write(path, file, value);
      return {
        path,
        oomKilled: () => Number(field(path, version.events, 'oom_kill')) > 0,
        usage: () =>
          Math.max(
            0,
            Number(read(path, version.usage)) - Number(field(path, 'memory.stat', version.cache)),
          ),
        remove: () => remove(path, parent),
      };
    },
  };
}

const v2 = {
  root: cgroupRoots.v2,
  mark: 'memory.max',
  limit: (bytes: number): readonly (readonly [string, string])[] => [
    ['memory.max', `${bytes}`],
    ['memory.swap.max', '0'],
    // One process too many ends the container, as container runtimes have it.
    ['memory.oom.group', '1'],
  ],
  events: 'memory.events',
  usage: 'memory.current',
  cache: 'inactive_file',
} as const;

const v1 = {
  root: cgroupRoots.v1,
  mark: 'memory.limit_in_bytes',
  limit: (bytes: number): readonly (readonly [string, string])[] => [
    ['memory.limit_in_bytes', `${bytes}`],
  ],
  events: 'memory.oom_control',
  usage: 'memory.usage_in_bytes',
  cache: 'total_inactive_file',
} as const;

/** Tried for real: a new cgroup must have the file that limits it. */
function isUsable({ root, mark }: typeof v2 | typeof v1): boolean {
  try {
    const probe = join(root, `${OURS}probe-${process.pid}-${Math.random().toString(36).slice(2)}`);
    mkdirSync(probe);
    const limits = existsSync(join(probe, mark));
    rmdirSync(probe);
    return limits;
  } catch {
    return false;
  }
}

/** A cgroup can be removed only when it is empty, so that nothing of a living cluster goes. */
function removeStale(root: string): void {
  for (const name of readdirSync(root)) {
    if (!name.startsWith(OURS)) continue;
    const path = join(root, name);
    for (const child of [...namesIn(path).map((one) => join(path, one)), path]) {
      try {
        if (Date.now() - statSync(child).mtimeMs > STALE_MS) rmdirSync(child);
      } catch {
        // Populated, or gone.
      }
    }
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

async function remove(path: string, parent: string): Promise<void> {
  await removeCgroup(path);
  try {
    rmdirSync(parent);
  } catch {
    // Others are in there.
  }
}

function write(path: string, file: string, value: string): void {
  try {
    writeFileSync(join(path, file), value);
  } catch (error) {
    // No swap controller, or an old kernel without the file.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function read(path: string, file: string): string {
  try {
    return readFileSync(join(path, file), 'utf8').trim();
  } catch {
    return '';
  }
}

function field(path: string, file: string, name: string): string {
  return new RegExp(`^${name} (\\d+)$`, 'm').exec(read(path, file))?.[1] ?? '0';
}
