import {
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
  type WriteStream,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { EventEmitter } from 'node:events';

/** As the kubelet's containerLogMaxSize. */
const MAX_BYTES = 10 * 1024 * 1024;

/**
 * One container run's log on disk: `TIME STREAM LINE`, as container runtimes write it. At 10 MB the
 * file becomes `….1` and a new one begins.
 */
export class LogFile {
  readonly path: string;
  /** `stdout` and `stderr` with each chunk, `line` after each write, `end` when all has ended. */
  readonly changes = new EventEmitter().setMaxListeners(0);
  ended = false;
  #stream: WriteStream;
  #size = 0;
  readonly #maxBytes: number;

  constructor(path: string, maxBytes = MAX_BYTES) {
    this.path = path;
    this.#maxBytes = maxBytes;
    mkdirSync(dirname(path), { recursive: true });
    this.#stream = append(path);
    this.#size = existsSync(path) ? statSync(path).size : 0;
  }

  /** Copies both outputs until they end; resolves when all of it is in the file. */
  async record(outputs: { readonly stdout: Readable; readonly stderr: Readable }): Promise<void> {
    await Promise.all([this.#copy('stdout', outputs.stdout), this.#copy('stderr', outputs.stderr)]);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.end(resolve);
    await promise;
    this.ended = true;
    this.changes.emit('end');
  }

  /** The end of what was written, without times. */
  async tail(bytes: number): Promise<string> {
    await using file = await open(this.path);
    const { size } = await file.stat();
    // Times and stream names take some of what is read; the last lines are what matters.
    const start = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, start);
    return buffer
      .subarray(0, bytesRead)
      .toString()
      .replace(/^\S+Z std(?:out|err) P (.*)\n/gm, '$1')
      .replace(/^\S+Z std(?:out|err) F /gm, '');
  }

  async #copy(name: 'stdout' | 'stderr', output: Readable): Promise<void> {
    let rest: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of output as AsyncIterable<Buffer>) {
        this.changes.emit(name, chunk);
        const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
        const end = data.lastIndexOf(10) + 1;
        rest = data.subarray(end);
        if (end > 0) await this.#write(name, data.subarray(0, end));
        if (rest.length > 16_384) {
          await this.#write(name, rest, 'P');
          rest = Buffer.alloc(0);
        }
      }
    } catch {
      // The container was killed while its pipe was read: what came before is kept.
    }
    if (rest.length > 0) await this.#write(name, rest, 'P');
  }

  /** `F` marks a whole line, `P` a part that the next entry continues. */
  async #write(name: string, data: Buffer, tag: 'F' | 'P' = 'F'): Promise<void> {
    const head = `${timestamp()} ${name} ${tag} `;
    const text = data.toString('latin1');
    const lines = tag === 'P' ? [text] : text.slice(0, -1).split('\n');
    const entry = Buffer.from(lines.map((line) => `${head}${line}\n`).join(''), 'latin1');
    if (this.#size > 0 && this.#size + entry.length > this.#maxBytes) await this.#rotate();
    // A full disk may have room again, a container outlives it as it would a runtime's.
    if (this.#stream.destroyed) this.#stream = append(this.path);
    this.#size += entry.length;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.write(entry, () => resolve());
    await promise;
    this.changes.emit('line');
  }

  async #rotate(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.end(resolve);
    await promise;
    if (existsSync(this.path)) renameSync(this.path, `${this.path}.1`);
    this.#stream = append(this.path);
    this.#size = 0;
    this.changes.emit('rotated');
  }
}

/** What cannot be written is lost, and no reason to end anything: the container goes on. */
function append(path: string): WriteStream {
  return createWriteStream(path, { flags: 'a' }).on('error', () => {});
}

/** RFC 3339 with nanoseconds, of which the clock gives microseconds. */
function timestamp(): string {
  const now = performance.timeOrigin + performance.now();
  const micros = Math.floor((now % 1000) * 1000)
    .toString()
    .padStart(6, '0');
  return `${new Date(now).toISOString().slice(0, 19)}.${micros}000Z`;
}
