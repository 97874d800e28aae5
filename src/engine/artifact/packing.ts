import { once } from 'node:events';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { corrupt, truncated, type BadContent } from './format-check.ts';

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

/** Hands what is unpacked to `take`, one chunk after the other; `take` may throw. */
export function createUnpacker(packing: Packing, take: (chunk: Buffer) => Promise<void>): Unpacker {
  const stream = packing === 'gzip' ? createGunzip() : createZstdDecompress();
  let packedBytes = 0;
  const taking = (async () => {
    for await (const chunk of stream) await take(chunk as Buffer);
  })();
  taking.catch(() => {});
  return {
    async write(chunk) {
      packedBytes += chunk.length;
      // The chunk's memory is the caller's again once this resolves.
      if (stream.write(Buffer.from(chunk))) return;
      await Promise.race([once(stream, 'drain'), taking]).catch((error: unknown) => {
        throw explain(error, packing, packedBytes);
      });
    },
    async end() {
      stream.end();
      await taking.catch((error: unknown) => {
        throw explain(error, packing, packedBytes);
      });
    },
  };
}

function explain(error: unknown, packing: Packing, packedBytes: number): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return isCut(packing, packedBytes);
  const isOfZlib = code?.startsWith('Z_') === true || code?.startsWith('ZSTD_') === true;
  return isOfZlib ? corrupt(`${packing} file`, message, packedBytes) : error;
}

function isCut(packing: Packing, packedBytes: number): BadContent {
  return truncated(`${packing} file`, 'it ends too early,', packedBytes);
}
