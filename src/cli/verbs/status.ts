import type { Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { allNamespaces } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';

export function statusVerb(verb: Command, io: Io, finish: Finish): void {
  verb
    .summary('Show Services, their endpoints and Pods, and who is out')
    .description(
      'Show the Services of the namespace, the Pods behind them as the EndpointSlices list them, and which Pods are out, since when and by whom.',
    )
    .argument('[TARGET]', 'POD, pod/NAME, svc/NAME, or a workload as deploy/NAME')
    .usage('[TARGET] [flags]')
    .addOption(allNamespaces())
    .option('-w, --watch', 'Show it anew whenever something changes, until Ctrl-C')
    .option('--no-headers', 'Print the table without its header line');
  setExamples(
    verb,
    `
# Everything in the namespace
kubectl pitstop status -n shop

# Who is out anywhere, as it changes
kubectl pitstop status -A --watch

# One Service
kubectl pitstop status -n shop svc/web

# The Pods that are out
kubectl pitstop status -n shop -o name`,
  );
  verb.action(async (target: string | undefined) => {
    const { status } = await import('../commands/status.ts');
    finish(await status(io, target, verb.optsWithGlobals()));
  });
}
