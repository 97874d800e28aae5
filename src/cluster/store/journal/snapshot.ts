import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Entry } from '../entry.ts';
import { fileName, syncDirectory } from './files.ts';
import { encodeLine, encodeObject } from './line.ts';

const CHUNK_BYTES = 512 * 1024;

export interface Snapshot {
  readonly revision: number;
  readonly reserved: number;
  readonly entries: readonly { readonly resource: string; readonly entry: Entry }[];
}

/** Writes a state as `snapshot-<generation>`, which is there whole or not at all. Returns its size in bytes. */
export async function writeSnapshot(
  directory: string,
  generation: number,
  { revision, reserved, entries }: Snapshot,
): Promise<number> {
  const path = join(directory, fileName('snapshot', generation));
  const draft = `${path}.new`;
  let written = 0;
  {
    await using handle = await open(draft, 'w', 0o600);
    let chunk = [encodeLine({ snapshot: revision, reserved })];
    let size = 0;
    const write = async () => {
      const bytes = Buffer.concat(chunk);
      chunk = [];
      size = 0;
      written += bytes.length;
      await handle.appendFile(bytes);
      // Others have waited while the chunk was made.
      await setImmediate();
    };
    for (const { resource, entry } of entries) {
      const line = encodeObject({ rev: entry.revision, resource, key: entry.key }, entry.json);
      chunk.push(line);
      size += line.length;
      if (size > CHUNK_BYTES) await write();
    }
    chunk.push(encodeLine({ objects: entries.length }));
    await write();
    await handle.sync();
  }
  await rename(draft, path);
  await syncDirectory(directory);
  return written;
}
