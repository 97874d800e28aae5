import type { Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { list } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';
import {
  artifactOptions,
  fleetOptions,
  partingOptions,
  planOptions,
  stopOptions,
  targetHelp,
} from '../session-flags.ts';

export function runVerb(
  verb: Command,
  io: Io,
  finish: Finish,
  command: readonly string[] | undefined,
): void {
  verb
    .summary('The whole stop: isolate, drain, diagnose, collect, restore')
    .description(
      'Take the Pod out of traffic, run a diagnostic (or your command) in it, bring the artifact home verified, and put the Pod back. Ctrl-C puts the Pod back first.',
    )
    .argument('<TARGET>', targetHelp)
    .usage('TARGET [flags] [-- COMMAND [args...]]');
  const groups = [
    planOptions(),
    stopOptions(),
    partingOptions(),
    artifactOptions(),
    fleetOptions(),
  ];
  for (const option of groups.flat()) verb.addOption(option);
  verb.addOption(
    list(
      '--collect <PATH>',
      'With a command after --: the file, directory or pattern (quoted) in the container to bring home; may be repeated',
    ),
  );
  setExamples(
    verb,
    `
# The best diagnostic that works in the container: for a JVM, a heap dump
kubectl pitstop run -n shop web-6d4b75cb6d-hx9vq

# Any ready Pod of the Deployment, a thread dump, into a directory
kubectl pitstop run -n shop deploy/web --diagnostic=jvm-threads -O ./dumps/

# A command of your own, and the file that it makes
kubectl pitstop run -n shop web-6d4b75cb6d-hx9vq --collect /tmp/out.txt -- sh -c 'top -b -n1 > /tmp/out.txt'

# Several files, made in a directory of its own that is removed afterwards: they come as one tar
kubectl pitstop run -n shop deploy/web --collect '@DIR/*.log' -- sh -c 'cp /app/*.log @DIR'

# An option of the diagnostic goes after --: here all objects, not only the live ones
kubectl pitstop run -n shop deploy/web --diagnostic=jvm-heap -- --all

# The Pod is to go once its heap dump is home; the replacement that was started for it stays
kubectl pitstop run -n shop web-6d4b75cb6d-hx9vq --keep=replacement

# Every Pod of the Deployment in turn, never more than one out of traffic
kubectl pitstop run -n shop deploy/web --all --max-out=1 -O ./dumps/

# The artifact to stdout, progress as JSON events on stderr
kubectl pitstop run -n shop deploy/web -O - --progress=json > heap.hprof`,
  );
  verb.action(async (target: string) => {
    const { run } = await import('../commands/run.ts');
    finish(await run(io, target, { ...verb.optsWithGlobals(), command }));
  });
}
