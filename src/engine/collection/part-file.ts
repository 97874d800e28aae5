import { open, type FileHandle } from 'node:fs/promises';
import type { LocalPart } from './local-part.ts';
import { outputError } from './output-error.ts';

const flushEveryBytes = 32 * 1024 * 1024;

/** A `.part` file, readable by its owner only. */
export class PartFile implements LocalPart {
  readonly canRewind = true;
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #flushes: boolean;
  #position = 0;
  #unflushedBytes = 0;
  #flushing: Promise<void> | undefined;
  #flushError: unknown;

  private constructor(handle: FileHandle, path: string, flushes: boolean) {
    this.#handle = handle;
    this.#path = path;
    this.#flushes = flushes;
  }

  static async open(path: string, { flushes }: { readonly flushes: boolean }): Promise<PartFile> {
    try {
      return new PartFile(await open(path, 'r+'), path, flushes);
    } catch {
      return new PartFile(await open(path, 'w+', 0o600), path, flushes);
    }
  }

  async recall(limit: number, take: (chunk: Buffer) => Promise<void>): Promise<void> {
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    this.#position = 0;
    while (this.#position < limit) {
      const length = Math.min(buffer.length, limit - this.#position);
      const { bytesRead } = await this.#handle.read(buffer, 0, length, this.#position);
      if (bytesRead === 0) return;
      await take(buffer.subarray(0, bytesRead));
      this.#position += bytesRead;
    }
  }

  async write(chunk: Buffer): Promise<void> {
    try {
      let done = 0;
      while (done < chunk.length) {
        const left = chunk.length - done;
        const { bytesWritten } = await this.#handle.write(chunk, done, left, this.#position);
        this.#position += bytesWritten;
        done += bytesWritten;
      }
      this.#unflushedBytes += done;
    } catch (cause) {
      throw outputError(this.#path, cause);
    }
    if (this.#flushes && this.#unflushedBytes >= flushEveryBytes) this.#flushing ??= this.#flush();
  }

  /** While more comes, so that the end need not wait for all of it. */
  async #flush(): Promise<void> {
    this.#unflushedBytes = 0;
    try {
      await this.#handle.datasync();
    } catch (error) {
      // The kernel says it once.
      this.#flushError ??= error;
    }
    this.#flushing = undefined;
  }

  async rewind(position: number): Promise<void> {
    await this.#handle.truncate(position);
    this.#position = position;
  }

  async finish(): Promise<number> {
    await this.#handle.truncate(this.#position);
    await this.#handle.chmod(0o600);
    if (this.#flushes) await this.#finishFlush();
    return this.#position;
  }

  async #finishFlush(): Promise<void> {
    await this.#flushing;
    try {
      await this.#handle.sync();
      if (this.#flushError !== undefined) throw this.#flushError;
    } catch (cause) {
      throw outputError(this.#path, cause);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
