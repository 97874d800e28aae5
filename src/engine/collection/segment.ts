import type { Transform } from 'node:stream';
import { decoderOf, type Codec } from './codec.ts';

/** Takes what one part of a file travels as, and gives the file's own bytes in their order. */
export interface Segment {
  /** Resolves when the bytes' memory may be used again. */
  write(bytes: Buffer): Promise<void>;
  /** All of it has come: resolves when all of it has been given on. */
  end(): Promise<void>;
  /** The rest is not wanted any more. */
  destroy(): void;
}

type Take = (chunk: Buffer) => Promise<void>;

export function openSegment(codec: Codec, take: Take): Segment {
  const decoder = decoderOf(codec);
  return decoder ? decoded(decoder, take) : { write: take, end: async () => {}, destroy: () => {} };
}

function decoded(decoder: Transform, take: Take): Segment {
  const given = giveOn(decoder, take);
  // What fails here is told to whoever writes next, or ends it.
  given.catch(() => undefined);
  return {
    async write(bytes) {
      if (decoder.destroyed) return await given;
      await Promise.race([consumed(decoder, bytes), given]);
    },
    async end() {
      decoder.end();
      await given;
    },
    destroy: () => decoder.destroy(),
  };
}

async function giveOn(decoder: Transform, take: Take): Promise<void> {
  for await (const each of decoder) {
    const chunk = each as Buffer<ArrayBuffer>;
    await take(chunk);
    // A full output buffer is the decoder's no more. Garbage collection would be late: to V8 it is
    // one small object.
    if (chunk.byteOffset + chunk.length === chunk.buffer.byteLength) chunk.buffer.transfer(0);
  }
}

/** Its error comes through the reader. */
async function consumed(decoder: Transform, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve) => decoder.write(bytes, () => resolve()));
}
