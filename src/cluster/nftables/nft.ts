import { type ChildProcess, spawn } from 'node:child_process';

/** What nft said of commands it did not take. */
class NftError extends Error {
  override readonly name = 'NftError';
}

/** A command that changes nothing and is answered after all that were sent before it. */
const PROBE = 'describe ct direction';
const ANSWER = /^ct expression, datatype ct_dir[^]*\breply\s+1\n/m;

/** A transaction is one message to the kernel, which for an ordinary user may have about 200 kB. */
const TRANSACTION_BYTES = 24_000;
const PATIENCE_MS = 10_000;

/** Runs one nft to its end; resolves to what it wrote, rejects with `NftError`. */
export async function runNft(
  args: readonly string[],
  { input = '' }: { readonly input?: string } = {},
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn('nft', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let [said, complaint] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  child.on('error', (error: NodeJS.ErrnoException) =>
    reject(new NftError(error.code === 'ENOENT' ? 'nft is not on the PATH' : error.message)),
  );
  child.on('close', (code, signal) => {
    if (code === 0) resolve(said);
    else reject(new NftError(complaint.trim() || `nft ended with ${signal ?? code}`));
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return await promise;
}

/**
 * An nft that stays: it takes commands from a pipe, at a tenth of the cost of starting one. A line
 * is a transaction; each is answered before `apply` goes on.
 */
export class Nft implements AsyncDisposable {
  #child: ChildProcess | undefined;
  #waiting: PromiseWithResolvers<string> | undefined;
  #said = '';

  /** Applies the commands in order, in as few transactions as fit; one call after the other. */
  async apply(commands: readonly string[]): Promise<void> {
    for (const line of transactions(commands)) {
      const said = await this.#ask(line);
      if (!said.startsWith('ct expression')) {
        throw new NftError(said.slice(0, said.search(ANSWER)).trim());
      }
    }
  }

  async #ask(line: string): Promise<string> {
    const child = (this.#child ??= this.#start());
    const waiting = (this.#waiting = Promise.withResolvers<string>());
    const timer = setTimeout(
      () => this.#lose(child, new NftError(`nft gave no answer for ${PATIENCE_MS / 1000} s`)),
      PATIENCE_MS,
    );
    child.stdin?.write(`${line}\n${PROBE}\n`);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #start(): ChildProcess {
    // Complaints and answers in one pipe, so that their order tells what was complained about.
    const child = spawn('sh', ['-c', 'exec nft -i 2>&1'], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
      if (!ANSWER.test(this.#said)) return;
      const said = this.#said;
      this.#said = '';
      this.#waiting?.resolve(said);
    });
    child.stdin.on('error', () => {});
    child.on('error', (error) => this.#lose(child, error));
    child.on('exit', () =>
      this.#lose(child, new NftError(`nft ended by itself: ${this.#said.trim() || 'no word'}`)),
    );
    return child;
  }

  #lose(child: ChildProcess, error: Error): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    child.kill('SIGKILL');
    this.#waiting?.reject(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#child) this.#lose(this.#child, new NftError('the cluster stops'));
    return Promise.resolve();
  }
}

function transactions(commands: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const command of commands) {
    if (line !== '' && line.length + command.length > TRANSACTION_BYTES) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? command : `; ${command}`;
  }
  return line === '' ? lines : [...lines, line];
}
