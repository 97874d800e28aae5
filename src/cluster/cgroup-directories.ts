import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Where memory cgroups are made, of version 2 and of version 1. */
export const cgroupRoots = { v2: '/sys/fs/cgroup', v1: '/sys/fs/cgroup/memory' } as const;

/** With what the names of a cluster's cgroups begin; without one, those of all clusters. */
export function cgroupPrefix(clusterUid = ''): string {
  return `pitstop-${clusterUid}`;
}

/** Removes the cgroups of a cluster that has ended; those with living processes in them stay. */
export async function removeCgroups(clusterUid: string): Promise<void> {
  for (const path of cgroupsOf(clusterUid)) {
    await Promise.all(directoriesIn(path).map((child) => removeCgroup(join(path, child))));
    await removeCgroup(path);
  }
}

/** The directories of a cluster's cgroups that are there. */
export function cgroupsOf(clusterUid: string): string[] {
  return Object.values(cgroupRoots).flatMap((root) =>
    directoriesIn(root)
      .filter((name) => name.startsWith(cgroupPrefix(clusterUid)))
      .map((name) => join(root, name)),
  );
}

/** The kernel takes a moment to let go of the last process; one that stays keeps its cgroup. */
export async function removeCgroup(path: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    try {
      rmdirSync(path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') return;
      await delay(50);
    }
  }
}

function directoriesIn(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}
