import { runScript } from '../container/shell.ts';
import { reach } from '../container/target.ts';
import type { Diagnostic, DiagnosticContext } from './diagnostic.ts';
import { runCommand } from './run-command.ts';
import { smallPreflight } from './small-preflight.ts';

/** Any command; its files or its output are the artifact, its exit code is kept and judges nothing. */
export const command: Diagnostic = {
  name: 'command',
  summary: 'any command (run POD -- COMMAND…); @DIR is a directory of its own in the container',
  automatic: false,
  async detect(context) {
    const { command: argv = [] } = context;
    const [program] = argv;
    if (program === undefined) {
      return { works: false, reason: 'no command was given (run POD -- COMMAND…)' };
    }
    return (await findProgram(context, program)) === undefined
      ? { works: false, reason: `${program} is not in the container` }
      : { works: true, tool: program, detail: argv.join(' ') };
  },
  preflight: (context) => smallPreflight(context, 'what a command writes is not known'),
  async run(context) {
    const { command: [program = '', ...args] = [], collect = [] } = context;
    const found = (await findProgram(context, program)) ?? program;
    return await runCommand(context, { argv: [found, ...args], collect });
  },
};

/**
 * The word that runs a program of that name, or at that path; undefined when there is none. Through an
 * ephemeral container its own programs are run, and by their paths those of the container itself.
 */
export async function findProgram(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  program: string,
): Promise<string | undefined> {
  // Told in words: its exit code would be that of a container without a shell.
  const script = 'for word; do command -v -- "$word" >/dev/null 2>&1 && echo yes || echo no; done';
  const words = [...new Set([program, reach(target, program)])];
  const { stdout } = await runScript(target, script, words, { signal });
  return words[stdout.split('\n').indexOf('yes')];
}
