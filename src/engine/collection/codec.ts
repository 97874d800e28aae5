import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

/** How bytes of a file travel from the container. */
export type Codec = 'none' | 'zstd' | 'gzip';

/** What the user may ask for: `auto` decides by what the container has and what the link gives. */
export type Compress = 'auto' | Codec;

/** One tool of a container that compresses, best first; `pigz` writes what `gzip` writes. */
export type Compressor = 'zstd' | 'pigz' | 'gzip';

export function codecOf(compressor: Compressor): Exclude<Codec, 'none'> {
  return compressor === 'zstd' ? 'zstd' : 'gzip';
}

/** The command that compresses its input, fast before small: the link has to wait for it. */
export function commandOf(compressor: Compressor, threads: number): string {
  switch (compressor) {
    case 'zstd':
      // A version built without threads takes -T1, and any -T with a warning that -q hides.
      return `zstd -q -1 -T${threads} -c`;
    case 'pigz':
      return `pigz -1 -p ${threads} -c`;
    case 'gzip':
      return 'gzip -1 -c';
  }
}

/** Decompresses concatenated frames; undefined where nothing has to be undone. */
export function decoderOf(codec: Codec): Transform | undefined {
  // Each chunk is a turn of the thread pool, one hash, one write: few, and small enough for caches.
  const options = { chunkSize: 256 * 1024 };
  switch (codec) {
    case 'none':
      return undefined;
    case 'zstd':
      return createZstdDecompress(options);
    case 'gzip':
      return createGunzip(options);
  }
}
