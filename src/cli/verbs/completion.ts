import type { Command } from 'commander';
import { exitCodes, type Finish } from '../exit-code.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';
import { UsageError } from '../usage-error.ts';

export function completionVerb(verb: Command, io: Io, finish: Finish): void {
  verb
    .summary('Print the completion script of a shell, for kubectl-pitstop by itself')
    .description(
      'Print what a shell needs to complete "kubectl-pitstop". "kubectl pitstop" needs none: kubectl 1.26 and newer find kubectl_complete-pitstop on the PATH, where npm puts it; kubectl\'s own completion has to be on.',
    )
    .argument('<SHELL>', 'bash, zsh or fish')
    .usage('SHELL');
  setExamples(
    verb,
    `
# For this shell
source <(kubectl-pitstop completion bash)

# For every zsh to come
kubectl-pitstop completion zsh > "\${fpath[1]}/_kubectl-pitstop"

# For fish
kubectl-pitstop completion fish > ~/.config/fish/completions/kubectl-pitstop.fish`,
  );
  verb.action(async (shell: string) => {
    const { shellScripts } = await import('../completion/shell-scripts.ts');
    if (!Object.hasOwn(shellScripts, shell)) {
      throw new UsageError(`no completion for ${shell}`, 'bash, zsh or fish');
    }
    io.stdout.write(shellScripts[shell as keyof typeof shellScripts]);
    finish(exitCodes.done);
  });
}
