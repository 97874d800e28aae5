import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { corrupt, truncated } from './format-check.ts';
import { createFrameSplit, type FramePiece } from './zstd-frames.ts';

/** Content inside content, by its first bytes (RFC 1952, RFC 8878). */
export type Packing = 'gzip' | 'zstd';

export function packingOf(head: Buffer): Packing | undefined {
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8 ? 'gzip' : undefined;
}

/** Takes packed bytes. */
export interface Unpacker {
  /** Resolves when the chunk's memory may be used again. Throws `artifact-corrupt`. */
  write(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
}

type Take = (chunk: Buffer) => void | Promise<void>;

/** Each chunk that comes out is a turn of the thread pool: few, and small enough for caches. */
const outOptions = { chunkSize: 256 * 1024 };

/** Hands what is unpacked to `take`, one chunk after the other; `take` may throw. */
export function createUnpacker(packing: Packing, take: Take): Unpacker {
  return packing === 'gzip'
    ? createPipe(createGunzip(outOptions), packing, take)
    : createZstdUnpacker(take);
}

/** Each frame goes through a decompressor of its own. */
function createZstdUnpacker(take: Take): Unpacker {
  let pieces: FramePiece[] = [];
  let frame: Unpacker | undefined;
  const split = createFrameSplit((piece) => {
    const joined = join(pieces.at(-1), piece);
    if (joined) pieces[pieces.length - 1] = joined;
    else pieces.push(piece);
  });
  async function pass(): Promise<void> {
    const ready = pieces;
    pieces = [];
    for (const { bytes, isEnd } of ready) {
      frame ??= createPipe(createZstdDecompress(outOptions), 'zstd', take);
      await frame.write(bytes);
      if (!isEnd) continue;
      await frame.end();
      frame = undefined;
    }
  }
  return {
    async write(chunk) {
      split.write(chunk);
      await pass();
    },
    async end() {
      try {
        split.end();
      } catch (error) {
        // What there is of the last frame is looked at first.
        await frame?.end().catch(() => {});
        throw error;
      }
      await pass();
    },
  };
}

/** Blocks and their headers lie one behind the other: a turn of the thread pool for all of them. */
function join(
  before: FramePiece | undefined,
  { bytes, isEnd }: FramePiece,
): FramePiece | undefined {
  if (!before || before.isEnd) return undefined;
  const { buffer, byteOffset, length } = before.bytes;
  if (buffer !== bytes.buffer || byteOffset + length !== bytes.byteOffset) return undefined;
  return { bytes: Buffer.from(buffer, byteOffset, length + bytes.length), isEnd };
}

function createPipe(stream: Transform, packing: Packing, take: Take): Unpacker {
  let packedBytes = 0;
  const taking = (async () => {
    for await (const chunk of stream) {
      await take(chunk as Buffer);
      free(chunk as Buffer);
    }
  })();
  taking.catch(() => {});
  async function taken(): Promise<void> {
    await taking.catch((error: unknown) => {
      throw explain(error, packing, packedBytes);
    });
  }
  return {
    async write(chunk) {
      packedBytes += chunk.length;
      await consumed(stream, chunk);
      if (stream.destroyed) await taken();
    },
    async end() {
      stream.end();
      await taken();
    },
  };
}

/** The stream has read the chunk, or is destroyed: then it may never call back. */
async function consumed(stream: Transform, chunk: Buffer): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
    stream.write(chunk, () => {
      stream.off('close', resolve);
      resolve();
    });
  });
}

/**
 * Gives back the memory that a chunk is the last of: all of it has been handed out by then, one chunk
 * after the other. V8 would let 32 MiB of such memory pile up before it looks.
 */
function free({ buffer, byteOffset, length }: Buffer): void {
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === outOptions.chunkSize;
  if (isOwn && byteOffset + length === buffer.byteLength) buffer.transfer(0);
}

function explain(error: unknown, packing: Packing, packedBytes: number): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') {
    return truncated(`${packing} file`, 'it ends too early,', packedBytes);
  }
  const isOfZlib = code?.startsWith('Z_') === true || code?.startsWith('ZSTD_') === true;
  return isOfZlib ? corrupt(`${packing} file`, message, packedBytes) : error;
}
