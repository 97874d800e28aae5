import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import { outputError } from './output-error.ts';
import type { LocalPart } from './local-part.ts';

/** How a file is kept at home when it is not kept as it was dumped. */
export type Packing = 'zstd' | 'gzip';

/** What the user may ask for; `dumped` is as it is in the container. */
export type Store = 'dumped' | Packing;

const pack: Readonly<Record<Packing, (bytes: Buffer) => Promise<Buffer>>> = {
  zstd: (bytes) =>
    promisify(zstdCompress)(bytes, {
      params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
    }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 1 }),
};
const unpack: Readonly<Record<Packing, (bytes: Buffer) => Promise<Buffer>>> = {
  zstd: promisify(zstdDecompress),
  gzip: promisify(gunzip),
};

/**
 * A `.part` file in which each range is packed by itself, so that it can be taken up at the end of any:
 * concatenated zstd frames and gzip members are one file to every tool. Positions are those of the
 * unpacked content; a range that is not complete is kept in memory.
 */
export class PackedPart implements LocalPart {
  readonly canRewind = true;
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #packing: Packing;
  readonly #rangeBytes: number;
  readonly #flushes: boolean;
  /** Where each packed range ends in the file. */
  readonly #ends: number[];
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  private constructor(handle: FileHandle, path: string, options: PackedOptions) {
    this.#handle = handle;
    this.#path = path;
    this.#packing = options.packing;
    this.#rangeBytes = options.rangeBytes;
    this.#flushes = options.flushes;
    this.#ends = [...options.ends];
  }

  static async open(path: string, options: PackedOptions): Promise<PackedPart> {
    try {
      return new PackedPart(await open(path, 'r+'), path, options);
    } catch {
      return new PackedPart(await open(path, 'w+', 0o600), path, { ...options, ends: [] });
    }
  }

  get packedEnds(): readonly number[] {
    return this.#ends;
  }

  async recall(limit: number, take: (chunk: Buffer) => Promise<void>): Promise<void> {
    for (const [range, end] of this.#ends.entries()) {
      const start = this.#ends[range - 1] ?? 0;
      const wanted = Math.min(this.#rangeBytes, limit - range * this.#rangeBytes);
      const bytes = await this.#read(start, end).catch(() => undefined);
      if (bytes?.length !== wanted) {
        this.#ends.length = range;
        return;
      }
      await take(bytes);
    }
  }

  async #read(start: number, end: number): Promise<Buffer> {
    const packed = Buffer.alloc(end - start);
    await this.#handle.read(packed, 0, packed.length, start);
    return await unpack[this.#packing](packed);
  }

  async write(chunk: Buffer): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#rangeBytes - this.#pendingBytes);
      // A copy: the chunk's memory is used again.
      this.#pending.push(Buffer.from(part));
      this.#pendingBytes += part.length;
      rest = rest.subarray(part.length);
      if (this.#pendingBytes === this.#rangeBytes) await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    const packed = await pack[this.#packing](Buffer.concat(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
    const start = this.#ends.at(-1) ?? 0;
    try {
      await this.#handle.write(packed, 0, packed.length, start);
    } catch (cause) {
      throw outputError(this.#path, cause);
    }
    this.#ends.push(start + packed.length);
  }

  async rewind(position: number): Promise<void> {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#ends.length = Math.min(this.#ends.length, Math.floor(position / this.#rangeBytes));
    await this.#handle.truncate(this.#ends.at(-1) ?? 0);
  }

  async finish(): Promise<number> {
    if (this.#pendingBytes > 0 || this.#ends.length === 0) await this.#flush();
    const size = this.#ends.at(-1) ?? 0;
    await this.#handle.truncate(size);
    await this.#handle.chmod(0o600);
    if (this.#flushes) await this.#handle.sync();
    return size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

interface PackedOptions {
  readonly packing: Packing;
  readonly rangeBytes: number;
  readonly flushes: boolean;
  /** Where the ranges end that an earlier run has packed. */
  readonly ends: readonly number[];
}
