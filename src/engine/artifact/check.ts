import { open } from 'node:fs/promises';
import type { RemoteArtifact } from '../diagnostics/diagnostic.ts';
import type { Findings } from './findings.ts';
import { formats } from './formats.ts';
import { createLook, named, type Look } from './look.ts';

/** What the content of a format must stand, packed or not; files of no known format pass. */
export interface Check {
  /** Resolves when the chunk's memory may be used again. Throws `artifact-corrupt` with the byte offset. */
  write(chunk: Buffer): Promise<void>;
  /** The content is over: what it tells. Throws `artifact-corrupt` when it is cut short. */
  end(): Promise<Findings>;
}

const nothing: Findings = { facts: [], tables: [] };

/** How much of each table goes into the session: a first look. */
const top = 5;

export function createCheck(name: RemoteArtifact['format']): Check {
  const format = formats.find((each) => each.name === name);
  if (!format) return { write: async () => {}, end: () => Promise.resolve(nothing) };
  const look: Look = createLook(format);
  return {
    write: (chunk) => look.write(chunk),
    async end() {
      await look.end();
      return look.seen(top).findings;
    },
  };
}

/** Looks through a local file; throws `artifact-corrupt` with the file's name and the byte offset. */
export async function checkFile(
  path: string,
  format: RemoteArtifact['format'],
  signal?: AbortSignal,
): Promise<Findings> {
  if (!formats.some(({ name }) => name === format)) return nothing;
  const check = createCheck(format);
  await using file = await open(path);
  const buffer = Buffer.allocUnsafeSlow(256 * 1024);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return await check.end();
      await check.write(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    throw named(error, path);
  }
}
