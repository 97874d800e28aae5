import { once } from 'node:events';
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

/** Takes packed bytes; resolves when there is room for more. Throws `artifact-corrupt`. */
export interface Unpacker {
  write(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
}

type Take = (chunk: Buffer) => Promise<void>;

/** Hands what is unpacked to `take`, one chunk after the other; `take` may throw. */
export function createUnpacker(packing: Packing, take: Take): Unpacker {
  return packing === 'gzip' ? createPipe(createGunzip(), packing, take) : createZstdUnpacker(take);
}

/** Each frame goes through a decompressor of its own. */
function createZstdUnpacker(take: Take): Unpacker {
  let pieces: FramePiece[] = [];
  let frame: Unpacker | undefined;
  const split = createFrameSplit((piece) => pieces.push(piece));
  async function pass(): Promise<void> {
    const ready = pieces;
    pieces = [];
    for (const { bytes, isEnd } of ready) {
      frame ??= createPipe(createZstdDecompress(), 'zstd', take);
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
      split.end();
      await pass();
    },
  };
}

function createPipe(stream: Transform, packing: Packing, take: Take): Unpacker {
  let packedBytes = 0;
  const taking = (async () => {
    for await (const chunk of stream) await take(chunk as Buffer);
  })();
  taking.catch(() => {});
  const explained = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) => {
      throw explain(error, packing, packedBytes);
    });
  };
  return {
    async write(chunk) {
      packedBytes += chunk.length;
      // A copy: the chunk's memory is the caller's again once this resolves.
      if (stream.write(Buffer.from(chunk))) return;
      await explained(Promise.race([once(stream, 'drain'), taking]));
    },
    async end() {
      stream.end();
      await explained(taking);
    },
  };
}

function explain(error: unknown, packing: Packing, packedBytes: number): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') {
    return truncated(`${packing} file`, 'it ends too early,', packedBytes);
  }
  const isOfZlib = code?.startsWith('Z_') === true || code?.startsWith('ZSTD_') === true;
  return isOfZlib ? corrupt(`${packing} file`, message, packedBytes) : error;
}
