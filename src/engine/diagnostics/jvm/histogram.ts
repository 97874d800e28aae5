import { flag } from '../word-options.ts';
import { parallel, pid } from './options.ts';
import { heapPreflight, histogramEffort, threadDump } from './preflight.ts';
import { textDiagnostic } from './text-diagnostic.ts';

const sizeBytes = 4 * 2 ** 20;

/** Objects and bytes of each class in the heap. */
export const jvmHistogram = textDiagnostic({
  name: 'jvm-histogram',
  summary:
    'objects and bytes of each class of a JVM (text), by jcmd, jmap or the attach socket; it stands still for about half the time of a heap dump',
  extension: '.histogram.txt',
  options: { all: flag, parallel, pid },
  commands: ({ all, parallel: threads }) => [
    `GC.class_histogram${all ? ' -all' : ''}${threads ? ` -parallel=${threads}` : ''}`,
  ],
  older: {
    tool: 'jmap',
    args: (process, { all }) => [all ? '-histo' : '-histo:live', process],
  },
  obstacle: ({ process, release = 16 }, { parallel: threads }) =>
    threads && release < 16
      ? `the JVM (pid ${process.pid}) is Java ${release}, which has no --parallel for a histogram: that came with 16`
      : undefined,
  preflight: (context, subject, { all }) =>
    heapPreflight(context, subject, {
      effort: histogramEffort,
      sizeBytes: () => sizeBytes,
      collects: !all,
      options: () => [threadDump],
    }),
  message: 'the JVM counts its objects',
  failure: 'gives no histogram',
  mark: '^Total +[0-9]',
});
