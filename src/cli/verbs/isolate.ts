import type { Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { duration } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';
import { maxOutOption, planOptions, stopOptions, targetHelp } from '../session-flags.ts';

export function isolateVerb(verb: Command, io: Io, finish: Finish): void {
  verb
    .summary('Take a Pod out of traffic and leave it out')
    .description(
      'Take the Pod out of every Service that sends it traffic, prove it, and leave it out. Restore it with "kubectl pitstop restore".',
    )
    .argument('<TARGET>', targetHelp)
    .usage('TARGET [flags]');
  for (const option of [...planOptions(), ...stopOptions(), maxOutOption()]) verb.addOption(option);
  verb.addOption(
    duration('--ttl <DURATION>', 'After this, restore --expired puts the Pod back (default: 30m)'),
  );
  setExamples(
    verb,
    `
# Out until you restore it; after an hour "restore --expired" does so too
kubectl pitstop isolate -n shop web-6d4b75cb6d-hx9vq --ttl=1h

# Only ask the server whether it would accept the change
kubectl pitstop isolate -n shop web-6d4b75cb6d-hx9vq --dry-run=server`,
  );
  verb.action(async (target: string) => {
    const { isolate } = await import('../commands/isolate.ts');
    finish(await isolate(io, target, verb.optsWithGlobals()));
  });
}
