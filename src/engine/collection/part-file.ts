import { open, type FileHandle } from 'node:fs/promises';
import type { LocalPart } from './local-part.ts';
import { outputError } from './output-error.ts';

/** A `.part` file, readable by its owner only. */
export class PartFile implements LocalPart {
  readonly canRewind = true;
  readonly #handle: FileHandle;
  readonly #path: string;
  #position = 0;

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  static async open(path: string): Promise<PartFile> {
    try {
      return new PartFile(await open(path, 'r+'), path);
    } catch {
      return new PartFile(await open(path, 'w+', 0o600), path);
    }
  }

  async recall(limit: number, take: (chunk: Buffer) => Promise<void>): Promise<void> {
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    while (this.#position < limit) {
      const length = Math.min(buffer.length, limit - this.#position);
      const { bytesRead } = await this.#handle.read(buffer, 0, length, this.#position);
      if (bytesRead === 0) return;
      await take(buffer.subarray(0, bytesRead));
      this.#position += bytesRead;
    }
  }

  async write(chunks: readonly Buffer[]): Promise<void> {
    let left = [...chunks];
    try {
      while (left.length > 0) {
        const { bytesWritten } = await this.#handle.writev(left, this.#position);
        this.#position += bytesWritten;
        left = behind(left, bytesWritten);
      }
    } catch (cause) {
      throw outputError(this.#path, cause);
    }
  }

  async rewind(position: number): Promise<void> {
    await this.#handle.truncate(position);
    this.#position = position;
  }

  async finish(): Promise<number> {
    await this.#handle.truncate(this.#position);
    await this.#handle.chmod(0o600);
    await this.#handle.sync();
    return this.#position;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

function behind(chunks: readonly Buffer[], bytes: number): Buffer[] {
  let left = bytes;
  return chunks.flatMap((chunk) => {
    const taken = Math.min(left, chunk.length);
    left -= taken;
    return taken === chunk.length ? [] : [chunk.subarray(taken)];
  });
}
