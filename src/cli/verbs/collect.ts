import type { Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';
import {
  artifactOptions,
  containerOption,
  debugImageOption,
  targetHelp,
} from '../session-flags.ts';

export function collectVerb(verb: Command, io: Io, finish: Finish): void {
  verb
    .summary('Fetch a file or directory of a Pod, verified, or finish fetching it')
    .description(
      'Bring one file of a Pod home: compared by SHA-256 range by range, taken up again where it broke (also by another run, on another day), its content checked when its format is known. A directory, or several files that a pattern names, come as one tar. The Pod stays in traffic.',
    )
    .argument('<TARGET>', targetHelp)
    .argument(
      '<FILE>',
      'Absolute path in the container: a file, a directory, or a pattern in quotes',
    )
    .usage('TARGET FILE [flags]')
    .addOption(containerOption())
    .addOption(debugImageOption());
  for (const option of artifactOptions()) verb.addOption(option);
  setExamples(
    verb,
    `
# A dump that was made by hand
kubectl pitstop collect -n shop web-6d4b75cb6d-hx9vq /tmp/heap.hprof -O ./dumps/

# Over a slow line, and kept compressed
kubectl pitstop collect -n shop web-6d4b75cb6d-hx9vq /tmp/heap.hprof --compress=zstd --store=zstd

# All logs of an hour, as one tar
kubectl pitstop collect -n shop web-6d4b75cb6d-hx9vq '/var/log/app/2026-11-23T14*.log'

# Finish what a killed session had begun: the same file, the same directory
kubectl pitstop collect -n shop web-6d4b75cb6d-hx9vq /tmp/pitstop-3f9a1c2b/heap.hprof`,
  );
  verb.action(async (target: string, file: string) => {
    const { collect } = await import('../commands/collect.ts');
    finish(await collect(io, target, file, verb.optsWithGlobals()));
  });
}
