import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where memory cgroups are made, of version 2 and of version 1. */
export const cgroupRoots = { v2: '/sys/fs/cgroup', v1: '/sys/fs/cgroup/memory' } as const;

/** With what the names of a cluster's cgroups begin; without one, those of all clusters. */
export function cgroupPrefix(clusterUid = ''): string {
  return `pitstop-${clusterUid}`;
}

/** Removes the cgroups of a cluster that has ended; those with processes in them stay. */
export function removeCgroups(clusterUid: string): void {
  for (const root of Object.values(cgroupRoots))
    for (const name of directoriesIn(root))
      if (name.startsWith(cgroupPrefix(clusterUid))) {
        const path = join(root, name);
        for (const child of directoriesIn(path)) removeEmpty(join(path, child));
        removeEmpty(path);
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

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Populated, gone, or another user's.
  }
}
