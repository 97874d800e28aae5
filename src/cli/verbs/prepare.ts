import { Option, type Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { choice, duration, text } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';

export function prepareVerb(verb: Command, io: Io, finish: Finish): void {
  verb
    .summary('Give a workload the means for the gentlest route')
    .description(
      'Give the Pods of a workload a label that its Services select on and nothing else does: from then on a pit stop takes a Pod out by that label alone, and its owner does not notice. Shows the steps in the order that loses no traffic; --apply does them. Touches nothing without --apply.',
    )
    .argument('<WORKLOAD>', 'deploy/NAME, sts/NAME or ds/NAME')
    .usage('WORKLOAD [flags]')
    .addOption(
      new Option(
        '--service <NAME>',
        'Only this Service; may be repeated (default: all that select the Pods)',
      ).argParser((value: string, previous: readonly string[] | undefined) => [
        ...(previous ?? []),
        value.replace(/^=/, ''),
      ]),
    )
    .addOption(
      text('--label <KEY=VALUE>', 'The label to use (default: pitstop.dev/traffic=open)').conflicts(
        'gate',
      ),
    )
    .option('--gate', 'A readiness gate instead of a label; shown only, never applied')
    .option(
      '--patch',
      'Print only the patches (strategic merge), one YAML document each, to commit',
    )
    .option('--diff', 'Show what would change in each object')
    .option('--apply', 'Do the steps, wait for the rollout, and watch the endpoints all the while')
    .addOption(
      choice('--dry-run <MODE>', 'none, or server (the server checks every patch)', [
        'none',
        'server',
      ]).default('none', 'none'),
    )
    .addOption(duration('--timeout <DURATION>', 'How long the rollout may take (default: 10m)'));
  setExamples(
    verb,
    `
# What would be done, and why
kubectl pitstop prepare -n shop deploy/web

# Do it: the label in the template, its rollout, and only then the Services' selectors
kubectl pitstop prepare -n shop deploy/web --apply

# The objects are kept in git: commit the patches there, in this order
kubectl pitstop prepare -n shop deploy/web --patch

# What exactly would change, and would the server take it?
kubectl pitstop prepare -n shop sts/db --service db --diff --dry-run=server`,
  );
  verb.action(async (target: string) => {
    const { prepare } = await import('../commands/prepare.ts');
    finish(await prepare(io, target, verb.optsWithGlobals()));
  });
}
