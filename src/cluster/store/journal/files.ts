import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * `journal-N.ndjson` has the commits since `snapshot-N.ndjson`, or since the beginning for N = 0.
 * While snapshot N+1 is being written, journals N and N+1 both belong to snapshot N.
 */
export type FileKind = 'journal' | 'snapshot';

export function fileName(kind: FileKind, generation: number): string {
  return `${kind}-${generation}.ndjson`;
}

/** What is of use in the directory: the newest snapshot, and the journals since. */
export interface Generations {
  readonly snapshot: number | undefined;
  readonly journals: readonly number[];
  /** Left by a cluster that was killed while it tidied up. */
  readonly useless: readonly string[];
}

export async function listGenerations(directory: string): Promise<Generations> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found: Record<FileKind, number[]> = { journal: [], snapshot: [] };
  const useless: string[] = [];
  for (const name of await readdir(directory)) {
    const match = /^(journal|snapshot)-(\d+)\.ndjson(\.new)?$/.exec(name);
    if (!match) continue;
    if (match[3]) useless.push(name);
    else found[match[1] as FileKind].push(Number(match[2]));
  }
  const snapshot = found.snapshot.length > 0 ? Math.max(...found.snapshot) : undefined;
  const oldest = snapshot ?? 0;
  for (const kind of ['journal', 'snapshot'] as const) {
    for (const generation of found[kind])
      if (generation < oldest) useless.push(fileName(kind, generation));
  }
  const journals = found.journal.filter((generation) => generation >= oldest);
  return { snapshot, journals: journals.sort((a, b) => a - b), useless };
}

export async function removeAll(directory: string, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => rm(join(directory, name), { force: true })));
}

/** Makes the names in a directory survive a power cut, as `fsync` of a file does its content. */
export async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, 'r');
  await handle.sync();
}
