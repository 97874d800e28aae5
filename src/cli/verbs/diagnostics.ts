import type { Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { text } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';
import { diagnosticOptions, targetHelp } from '../session-flags.ts';

export function diagnosticsVerb(verb: Command, io: Io, finish: Finish): void {
  verb
    .summary('List the diagnostics, and which work on a Pod')
    .description(
      'List the diagnostics that pitstop knows, and those of your own; with a Pod, which of them work in which container, by which tool, what each may need at worst, and what would refuse it. Touches nothing. Exit code 1 where none works.',
    )
    .argument('[TARGET]', targetHelp)
    .usage('[TARGET] [flags]')
    .option('--no-headers', 'Print the table without its header line')
    .addOption(text('-c, --container <NAME>', 'Container to look into (default: all that run)'));
  for (const option of diagnosticOptions()) verb.addOption(option);
  setExamples(
    verb,
    `
# The catalogue
kubectl pitstop diagnostics

# What works here
kubectl pitstop diagnostics -n shop deploy/web

# With memory, where it writes, and the options of each
kubectl pitstop diagnostics -n shop deploy/web -c app -o wide

# For a script: what works, by name
kubectl pitstop diagnostics -n shop deploy/web -o name`,
  );
  verb.action(async (target: string | undefined) => {
    const { diagnostics } = await import('../commands/diagnostics.ts');
    finish(await diagnostics(io, target, verb.optsWithGlobals()));
  });
}
