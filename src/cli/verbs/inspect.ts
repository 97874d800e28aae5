import type { Command } from 'commander';
import type { Finish } from '../exit-code.ts';
import { wholeNumber } from '../flags.ts';
import { setExamples } from '../help.ts';
import type { Io } from '../io.ts';

export function inspectVerb(verb: Command, io: Io, finish: Finish): void {
  verb
    .summary('Look into a dump on this machine: whole or not, and what is in it')
    .description(
      'Look into files on this machine, whatever their size, in constant memory: what they are, whether they are whole, and what there is most of. Knows heap dumps (HPROF), heap snapshots and profiles of V8, JFR recordings, pprof profiles, thread dumps, class histograms, core files, and all of them in gzip, zstd or tar. Needs no cluster. Exit code 1 when a file is truncated or corrupt.',
    )
    .argument('<FILE...>', '- is stdin')
    .usage('FILE... [flags]')
    .addOption(wholeNumber('--top <N>', 'Rows of each table').default(20, '20'));
  setExamples(
    verb,
    `
# Is it whole, and which classes fill the heap?
kubectl pitstop inspect heap.hprof

# Packed ones are read as they are
kubectl pitstop inspect heap.hprof.gz recording.jfr cpu.pprof

# From a pipe; for a script
kubectl exec web-6d4b75cb6d-hx9vq -- cat /tmp/heap.hprof | kubectl pitstop inspect - -o json | jq .state`,
  );
  verb.action(async (files: readonly string[]) => {
    const { inspect } = await import('../commands/inspect.ts');
    finish(await inspect(io, files, verb.optsWithGlobals()));
  });
}
