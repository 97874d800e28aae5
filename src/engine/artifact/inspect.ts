import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { PitstopError } from '../errors.ts';
import type { Findings } from './findings.ts';
import { BadContent } from './format-check.ts';
import { headBytes } from './formats.ts';
import { guess } from './guess.ts';
import { createLook } from './look.ts';

/** What a file is, whether it is whole, and what a first look at its content tells. */
export interface Inspection extends Findings {
  /** As it was asked for; `-` = stdin. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Of the innermost content: `hprof`, `jfr`, …; `unknown` where no format is known. */
  readonly format: string;
  /** For people. */
  readonly title: string;
  /** What the content is packed in, the outermost first: `gzip`, `zstd`. */
  readonly packing: readonly string[];
  /** Unpacked, as far as it was read. */
  readonly contentBytes: number;
  /** Of an unknown format nobody can tell. */
  readonly state: 'whole' | 'truncated' | 'corrupt' | 'unknown';
  /** Why it is not whole, with the byte of the content where that shows. */
  readonly problem?: { readonly message: string; readonly offset: number };
}

export interface InspectOptions {
  /** Rows of each table; 20. */
  readonly top?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneBytes: number, totalBytes: number | undefined) => void;
}

const chunkBytes = 1024 * 1024;

/** Reads a local file to its end in constant memory. Throws `file-unreadable`. */
export async function inspectFile(path: string, options: InspectOptions = {}): Promise<Inspection> {
  const unreadable = (error: unknown): PitstopError => {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a directory',
      EACCES: 'permission denied',
    };
    const known = code === undefined ? undefined : why[code as keyof typeof why];
    return new PitstopError('file-unreadable', `${path}: ${known ?? message}`, {
      hint: `ls -l ${path}`,
      cause: error,
    });
  };
  await using file = await open(path).catch((error: unknown) => {
    throw unreadable(error);
  });
  const stats = await file.stat();
  if (stats.isDirectory()) throw unreadable(Object.assign(new Error(path), { code: 'EISDIR' }));
  const read = async (buffer: Buffer): Promise<Buffer> => {
    const { bytesRead } = await file
      .read(buffer, 0, buffer.length, null)
      .catch((error: unknown) => {
        throw unreadable(error);
      });
    return buffer.subarray(0, bytesRead);
  };
  const { size } = stats;
  return await inspect(path, inTurns(read), {
    ...options,
    totalBytes: stats.isFile() ? size : undefined,
  });
}

/** Reads ahead: one of two buffers is filled while the other is looked at. */
async function* inTurns(read: (buffer: Buffer) => Promise<Buffer>): AsyncGenerator<Buffer> {
  let [current, other] = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
  let reading = read(current);
  for (;;) {
    const chunk = await reading;
    if (chunk.length === 0) return;
    [current, other] = [other, current];
    reading = read(current);
    // Whoever stops early leaves a read behind that nobody waits for.
    reading.catch(() => {});
    yield chunk;
  }
}

/** Reads content from a stream to its end, such as stdin. */
export async function inspectStream(
  path: string,
  stream: AsyncIterable<Buffer>,
  options: InspectOptions = {},
): Promise<Inspection> {
  return await inspect(path, stream, { ...options, totalBytes: undefined });
}

async function inspect(
  path: string,
  chunks: AsyncIterable<Buffer>,
  {
    top = 20,
    signal,
    onProgress,
    totalBytes,
  }: InspectOptions & { readonly totalBytes: number | undefined },
): Promise<Inspection> {
  const hash = createHash('sha256');
  const look = createLook();
  let sizeBytes = 0;
  let head: Buffer = Buffer.alloc(0);
  let problem: BadContent | undefined;
  const note = (error: unknown): void => {
    if (!(error instanceof BadContent)) throw error;
    problem = error;
  };
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    hash.update(chunk);
    sizeBytes += chunk.length;
    if (head.length < headBytes) head = Buffer.concat([head, chunk.subarray(0, headBytes)]);
    try {
      if (!problem) await look.write(chunk);
    } catch (error) {
      note(error);
    }
    onProgress?.(sizeBytes, totalBytes);
  }
  if (!problem) await look.end().catch(note);

  const { format, packing, contentBytes, findings, isChecked } = look.seen(top);
  return {
    path,
    sizeBytes,
    sha256: hash.digest('hex'),
    format: format?.name ?? 'unknown',
    title: format?.title ?? (packing.length > 0 ? 'content of no known format' : guess(head)),
    packing,
    contentBytes,
    state: problem
      ? problem.isTruncated
        ? 'truncated'
        : 'corrupt'
      : isChecked
        ? 'whole'
        : 'unknown',
    ...(problem && { problem: { message: problem.message, offset: problem.offset } }),
    ...findings,
  };
}
