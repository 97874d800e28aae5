import type { Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { choice, positiveNumber, text } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';
import { levelOption } from './cluster.ts';

export function demoVerb(verb: Command, io: Io, finish: Finish): void {
  verb
    .summary('Embedded cluster, sample app, traffic and one real heap dump')
    .description(
      'Start an embedded cluster, run the sample app behind a Service, put traffic on it, dump the heap of one Pod while nobody notices, and show the proof. Leaves the dump, and nothing running.',
    )
    .usage('[flags]')
    .addOption(
      choice(
        '--runtime <RUNTIME>',
        'Runtime of the sample app: jvm or node (default: jvm where a JDK is installed)',
        ['jvm', 'node'],
      ),
    )
    .addOption(levelOption())
    .addOption(
      positiveNumber('--rate <REQUESTS>', 'Requests per second of the traffic probe').default(100),
    )
    .addOption(
      text(
        '-O, --artifact-output <PATH>',
        'Where the dump goes: a directory or a file (default: ./pitstop-artifacts/)',
      ),
    )
    .option(
      '--by-hand',
      'First live through the recipe by hand, with kubectl, and see from the traffic why it no longer works',
    )
    .option('--keep', 'Leave the cluster running and say how to use it');
  setExamples(
    verb,
    `
# Start to finish, less than a minute
kubectl pitstop demo

# Keep the cluster to play with
kubectl pitstop demo --keep

# The recipe with kubectl edit endpoints, and then the pit stop
kubectl pitstop demo --by-hand`,
  );
  verb.action(async () => {
    const { demo } = await import('../commands/demo.ts');
    finish(await demo(io, verb.optsWithGlobals()));
  });
}
