import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes on disk of everything below `path`, holes not counted, one name of a file counted once. */
export async function diskUsage(path: string): Promise<number> {
  const seen = new Set<number>();
  const below = async (directory: string): Promise<number> => {
    let sum = 0;
    const entries = await opendir(directory).catch(() => undefined);
    if (!entries) return sum;
    for await (const entry of entries) {
      const child = join(directory, entry.name);
      // It may go while we look.
      const stats = await lstat(child).catch(() => undefined);
      if (!stats || seen.has(stats.ino)) continue;
      if (stats.nlink > 1 && !stats.isDirectory()) seen.add(stats.ino);
      sum += stats.blocks * 512;
      if (entry.isDirectory()) sum += await below(child);
    }
    return sum;
  };
  return await below(path);
}
