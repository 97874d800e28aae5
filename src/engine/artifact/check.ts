import { open } from 'node:fs/promises';
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
    case 'jfr':
    case 'cpuprofile':
    case 'heapprofile':
    case 'pprof':
    case 'gcdump':
    case 'core':
    case 'speedscope':
    case 'text':
    case 'file':
    case 'directory':
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
  await using file = await open(path);
  const buffer = Buffer.allocUnsafeSlow(256 * 1024);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return check.end();
      check.write(buffer.subarray(0, bytesRead));
    }
  } catch (error) {
    if (!(error instanceof PitstopError)) throw error;
    throw new PitstopError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
