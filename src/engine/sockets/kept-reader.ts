import { PassThrough, Writable } from 'node:stream';
import { endOfAnswer } from './socket-readers.ts';
import type { Target } from '../container/target.ts';

const mark = `${endOfAnswer}\n`;
const answerTimeoutMs = 15_000;
const goodbyeMs = 500;
/** A line has 150 characters, and a busy Pod many thousands of them. */
const maxBytes = 64 * 1024 * 1024;

/**
 * One exec that stays and prints the sockets whenever it is asked: a look costs a round trip instead
 * of a connection, an authorization and a process each. Disposing ends it in the container too.
 */
export class KeptReader implements AsyncDisposable {
  readonly #stdin = new PassThrough();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #ended: { readonly error: Error } | undefined;
  #asked: PromiseWithResolvers<string> | undefined;
  #chunks: Buffer[] = [];
  #size = 0;
  #tail = '';
  #stderr = '';

  constructor({ kube, namespace, pod, container }: Target, command: readonly string[]) {
    this.#done = kube
      .exec({
        namespace,
        pod,
        container,
        command,
        stdin: this.#stdin,
        stdout: sink((chunk) => this.#take(chunk)),
        stderr: sink((chunk) => (this.#stderr += chunk.toString().slice(0, 2_000))),
        signal: this.#stop.signal,
      })
      .then(
        ({ exitCode }) => this.#end(new ReaderEnded(exitCode, this.#stderr.trim())),
        (error: unknown) => this.#end(error as Error),
      );
  }

  /** Everything the reader's files hold now. Rejects with what ended the exec. */
  async read(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    if (this.#ended) throw this.#ended.error;
    const asked = Promise.withResolvers<string>();
    this.#asked = asked;
    const timeout = setTimeout(
      () => this.#end(new Error(`no answer in ${answerTimeoutMs / 1000} s`)),
      answerTimeoutMs,
    );
    const onAbort = () => asked.reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
    try {
      this.#stdin.write('\n');
      return await asked.promise;
    } finally {
      clearTimeout(timeout);
      signal.removeEventListener('abort', onAbort);
      // An answer that still comes would pass for the next one.
      if (signal.aborted) this.#end(signal.reason as Error);
    }
  }

  #take(chunk: Buffer): void {
    // ws hands out slices of a larger read buffer: keep the bytes, not the buffer.
    this.#chunks.push(Buffer.from(chunk));
    this.#size += chunk.length;
    if (this.#size > maxBytes) {
      this.#end(new Error(`the sockets fill more than ${maxBytes} bytes`));
      return;
    }
    this.#tail = (
      this.#tail + chunk.toString('latin1', Math.max(0, chunk.length - mark.length))
    ).slice(-mark.length);
    if (this.#tail !== mark) return;
    const text = Buffer.concat(this.#chunks).toString('latin1');
    this.#chunks = [];
    this.#size = 0;
    this.#asked?.resolve(text);
  }

  #end(error: Error): void {
    this.#ended ??= { error };
    this.#stop.abort();
    this.#asked?.reject(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The end of stdin ends the reader; before v5 of the protocol only the stream's end does.
    this.#stdin.end();
    const timer = setTimeout(() => this.#stop.abort(), goodbyeMs);
    await this.#done;
    clearTimeout(timer);
  }
}

/** The command of a reader came to its end before it was told to. */
export class ReaderEnded extends Error {
  override readonly name = 'ReaderEnded';
  readonly exitCode: number;

  constructor(exitCode: number, said: string) {
    super(said || `the command exited with code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

function sink(take: (chunk: Buffer) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      take(chunk);
      done();
    },
  });
}
