import { createReadStream } from 'node:fs';
import type { RemoteArtifact } from '../diagnostics/diagnostic.ts';
import { PitstopError } from '../errors.ts';
import type { FormatCheck } from './format-check.ts';
import { createHeapSnapshotCheck } from './heap-snapshot.ts';
import { createHprofCheck } from './hprof.ts';

/** What the content of a format must stand; files of no known format pass. */
export function createCheck(format: RemoteArtifact['format']): FormatCheck {
  switch (format) {
    case 'hprof':
      return createHprofCheck();
    case 'heapsnapshot':
      return createHeapSnapshotCheck();
    case 'text':
    case 'file':
      return { write: () => {}, end: () => [] };
  }
}

/** Looks through a local file; throws `artifact-corrupt` with the file's name and the byte offset. */
export async function checkFile(
  path: string,
  format: RemoteArtifact['format'],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (format === 'text' || format === 'file') return [];
  const check = createCheck(format);
  const stream = createReadStream(path, { highWaterMark: 256 * 1024, signal });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) check.write(chunk);
    return check.end();
  } catch (error) {
    if (!(error instanceof PitstopError)) throw error;
    throw new PitstopError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
