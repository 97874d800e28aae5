import type { Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { allNamespaces } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';
import { partingOptions, restoreTimeoutOption } from '../session-flags.ts';

export function restoreVerb(verb: Command, io: Io, finish: Finish): void {
  verb
    .summary('Put a Pod back, from any machine')
    .description(
      'Put a Pod back that a session left out, from any machine: everything needed is written on the Pod. Proves that it is listed and ready again.',
    )
    .argument('[POD]', 'Pod that is out: POD or pod/NAME')
    .usage('(POD | --all | --expired) [flags]')
    .option('--all', 'Every Pod of the namespace that is out')
    .option(
      '--expired',
      'Every Pod of the namespace whose session has expired or is not renewed any more',
    )
    .addOption(allNamespaces())
    .option('--clean', 'Also remove what the session left in the container, its artifact included')
    .addOption(restoreTimeoutOption());
  for (const option of partingOptions()) verb.addOption(option);
  setExamples(
    verb,
    `
# One Pod
kubectl pitstop restore -n shop web-6d4b75cb6d-hx9vq

# Whatever crashed sessions left out
kubectl pitstop restore -n shop --expired

# The same in the whole cluster, for a cron job
kubectl pitstop restore -A --expired -o json

# A rollout came meanwhile: nobody wants the Pod back
kubectl pitstop restore -n shop web-6d4b75cb6d-hx9vq --when-unwanted=delete`,
  );
  verb.action(async (pod: string | undefined) => {
    const { restore } = await import('../commands/restore.ts');
    finish(await restore(io, pod, verb.optsWithGlobals()));
  });
}
