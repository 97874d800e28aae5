import { runScript } from '../container/shell.ts';
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
    return (await hasProgram(context, program))
      ? { works: true, tool: program, detail: argv.join(' ') }
      : { works: false, reason: `${program} is not in the container` };
  },
  preflight: (context) => smallPreflight(context, 'what a command writes is not known'),
  run: (context) =>
    runCommand(context, { argv: context.command ?? [], collect: context.collect ?? [] }),
};

/** Whether the container has a program of that name, or at that path. */
export async function hasProgram(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  program: string,
): Promise<boolean> {
  // Told in words: its exit code would be that of a container without a shell.
  const script = 'command -v -- "$1" >/dev/null 2>&1 && echo yes; exit 0';
  const { stdout } = await runScript(target, script, [program], { signal });
  return stdout === 'yes\n';
}
