import { PassThrough, Writable } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';
import { runProgram } from '../../src/cli/program.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one command line in this process, for tests that start dozens. With `answer` its stdin and
 * stderr are a terminal, and what it returns for what was written since its last answer is typed.
 */
export async function runInProcess(
  words: readonly string[],
  {
    kubeconfig,
    signal = new AbortController().signal,
    answer,
  }: {
    readonly kubeconfig: string;
    readonly signal?: AbortSignal;
    readonly answer?: (written: string) => string | undefined;
  },
): Promise<CommandResult> {
  const isTTY = answer !== undefined;
  const stdin = Object.assign(new PassThrough(), { isTTY });
  let stdout = '';
  let stderr = '';
  let answeredAt = 0;
  const io: Io = {
    stdin,
    stdout: collect((text) => (stdout += text)),
    stderr: Object.assign(
      collect((text) => {
        stderr += text;
        const typed = answer?.(stderr.slice(answeredAt));
        if (typed === undefined) return;
        answeredAt = stderr.length;
        stdin.write(typed);
      }),
      { isTTY },
    ),
    env: {},
    signal,
    recovery: undefined,
  };
  const [verb = '', ...rest] = words;
  const code = await runProgram([verb, '--kubeconfig', kubeconfig, ...rest], io);
  return { code, stdout, stderr };
}

function collect(take: (text: string) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      take(chunk.toString());
      done();
    },
  });
}
