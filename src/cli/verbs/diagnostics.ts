import type { Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { text } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';
import { targetHelp } from '../session-flags.ts';

export function diagnosticsVerb(verb: Command, io: Io, finish: Finish): void {
  verb
    .summary('List the diagnostics, and which work on a Pod')
    .description(
      'List the diagnostics that pitstop knows; with a Pod, which of them work in its container and by which tool.',
    )
    .argument('[TARGET]', targetHelp)
    .usage('[TARGET] [flags]')
    .option('--no-headers', 'Print the table without its header line')
    .addOption(
      text('-c, --container <NAME>', 'Container to look into (default: as kubectl picks it)'),
    );
  setExamples(
    verb,
    `
# The catalogue
kubectl pitstop diagnostics

# What works here
kubectl pitstop diagnostics -n shop deploy/web`,
  );
  verb.action(async (target: string | undefined) => {
    const { diagnostics } = await import('../commands/diagnostics.ts');
    finish(await diagnostics(io, target, verb.optsWithGlobals()));
  });
}
