import { readdir, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Session } from '../../engine/index.ts';

const defaultOutput = './pitstop-artifacts/';

/**
 * Removes what an interrupted demo had brought home of its dump: nobody can finish it once the
 * demo's cluster is gone.
 */
export async function removeParts(
  { metadata, spec }: Session,
  output = defaultOutput,
): Promise<void> {
  const own = `${spec.pod}-${metadata.name}`;
  for (const [directory, start] of [
    [output, own],
    [dirname(output), `${basename(output)}.part`],
  ] as const) {
    const names = await readdir(directory).catch(() => []);
    const parts = names.filter((name) => name.startsWith(start) && /\.part(\.json)?$/.test(name));
    for (const name of parts) await rm(join(directory, name), { force: true });
  }
  // Fails unless it is empty.
  if (output === defaultOutput) await rmdir(output).catch(() => {});
}
