import { styleText } from 'node:util';
import { asCalled } from '../as-called.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';

/**
 * Prints an error as `error: message` and `hint: next step` and answers the exit code. What the user
 * can act on comes without a stack; anything else is our fault and says where to report it.
 */
export function reportError(io: Io, error: unknown, { verbose }: { verbose: boolean }): ExitCode {
  const { name, code, message, hint, stack } = describe(error);
  const interrupted = io.signal.aborted || code === 'interrupted' || code === 'aborted';
  printProblem(io, { message: interrupted ? 'interrupted' : message, hint: io.recovery ?? hint });
  const expected = interrupted || userErrors.has(name);
  if (verbose && stack !== undefined) io.stderr.write(`${stack}\n`);
  else if (!expected)
    io.stderr.write('This is a bug in pitstop: run again with -v and report what it shows.\n');
  if (io.recovery !== undefined) return exitCodes.podOut;
  if (interrupted) return exitCodes.interrupted;
  // Something was touched before it failed, though no Pod is out.
  const begun = code === 'prepare-failed';
  return expected && !begun ? exitCodes.refused : exitCodes.failed;
}

/** By name: a usage error must not load the engine only to know its error class. */
const userErrors = new Set(['UsageError', 'PitstopError', 'KubeError', 'ClusterError']);

/** `error: …` and, when there is something to do about it, `hint: …`. */
export function printProblem(
  io: Io,
  { message, hint }: { readonly message: string; readonly hint?: string | undefined },
): void {
  io.stderr.write(`${styleText('red', 'error:', { stream: io.stderr })} ${message}\n`);
  if (hint !== undefined) io.stderr.write(`hint: ${asCalled(hint, io.env)}\n`);
}

function describe(error: unknown): {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly hint?: string | undefined;
  readonly stack?: string | undefined;
} {
  if (!(error instanceof Error)) return { name: 'unknown', message: String(error) };
  const { code, hint } = error as { code?: string; hint?: string };
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
  return { name: error.name, message: error.message, code, hint, stack: `${error.stack}${cause}` };
}
