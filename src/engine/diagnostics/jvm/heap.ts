import { artifactOf, keepOnly } from '../artifact-file.ts';
import type { Diagnostic, DiagnosticOutcome } from '../diagnostic.ts';
import type { GentlerOption } from '../preflight.ts';
import { describeOptions, flag, wholeNumber } from '../word-options.ts';
import { detectJvm, subjectOf } from './detect.ts';
import { chooseDumpOptions, type DumpWish } from './dump-options.ts';
import { parallel, pid, readJdkOptions } from './options.ts';
import {
  dumpBytes,
  heapPreflight,
  histogramInstead,
  readHeapFigures,
  threadDump,
  type HeapFigures,
} from './preflight.ts';
import { msStoodStill } from './perf-data.ts';
import { quoted, refused, say, visit, type Visit } from './visit.ts';
import { isSpeaking } from './way.ts';

const name = 'jvm-heap';
const older = 'jmap';
const options = {
  all: flag,
  live: flag,
  gz: wholeNumber('1…9', { most: 9 }),
  parallel,
  pid,
};

function readGiven(words: readonly string[] | undefined) {
  return readJdkOptions(name, options, words);
}

/** An HPROF dump, which the JVM itself writes while it stands still. */
export const jvmHeap: Diagnostic = {
  name,
  summary:
    'heap dump of a JVM (HPROF, live objects), by jcmd, jmap or the attach socket; it stands still meanwhile',
  automatic: true,
  options: describeOptions(options),
  checkOptions: (words) => void readGiven(words),
  detect: (context) => detectJvm(context, readGiven(context.extraArgs), older),
  async preflight(context, detection) {
    const given = readGiven(context.extraArgs);
    const subject = await subjectOf(context, { pid: given.pid, detection, older });
    const gz = given.gz !== undefined;
    return await heapPreflight(context, subject, {
      effort: gz ? gzEffort : 1,
      sizeBytes: (heapBytes) => neededBytes(heapBytes, given),
      collects: !given.all,
      options: (heapBytes, bytesPerSecond) => [
        ...(gz ? [withoutGz(heapBytes, bytesPerSecond)] : []),
        histogramInstead(heapBytes, bytesPerSecond),
        threadDump,
      ],
    });
  },
  async run(context, detection) {
    const given = readGiven(context.extraArgs);
    const subject = await subjectOf(context, { pid: given.pid, detection, older });
    const figures = await readHeapFigures(context, subject.jvm);
    const needed = neededBytes(figures.heapBytes, given);
    return await visit({ context, ...subject }, { neededBytes: needed, jvmWrites: true }, (here) =>
      dump(here, given, figures),
    );
  },
};

/** Compressing while the JVM stands still: 3 times as long with JDK 17, 7 times with 25 (measured). */
const gzEffort = 7;

/** `-gz` left a third of it (measured); half is asked for. */
function neededBytes(heapBytes: number, { gz }: DumpWish): number {
  return gz === undefined ? dumpBytes(heapBytes) : Math.ceil(dumpBytes(heapBytes) / 2);
}

function withoutGz(heapBytes: number, bytesPerSecond: number): GentlerOption {
  return {
    flag: 'without -gz',
    what: 'the file is compressed on its way home, when the process goes on again',
    pauseMs: Math.round((heapBytes / bytesPerSecond) * 1000),
    sizeBytes: dumpBytes(heapBytes),
  };
}

async function dump(
  here: Visit,
  wish: DumpWish,
  { heapBytes, perf }: HeapFigures,
): Promise<DiagnosticOutcome> {
  const { context, jvm, way, directory } = here;
  const { all = false, gz } = wish;
  const extension = gz === undefined ? '.hprof' : '.hprof.gz';
  const file = `heap${extension}`;
  const path = `${directory.path}/${file}`;
  const chosen = isSpeaking(way) ? await chooseDumpOptions(here, wish) : undefined;
  const level = gz === undefined ? '' : `,gz=${gz}`;
  const ran = await say(here, {
    commands: [['GC.heap_dump', ...(chosen?.options ?? []), quoted(path)].join(' ')],
    args: [`-dump:${all ? '' : 'live,'}format=b,file=${path}${level}`, String(jvm.process.pid)],
    message: all ? 'the JVM writes its heap' : 'the JVM collects garbage, then writes its heap',
    watch: path,
    ...(gz === undefined && { totalBytes: chosen?.usedBytes ?? heapBytes }),
  });
  const artifact = await artifactOf(context, path, { format: 'hprof', extension });
  if (!artifact || ran.exitCode !== 0 || !/Heap dump file created/.test(ran.stdout)) {
    throw refused(here, ran, 'made no heap dump');
  }
  await keepOnly(context, directory.path, file);
  const pauseMs = await msStoodStill(context, jvm, perf);
  return { exitCode: 0, artifact, ...(pauseMs !== undefined && { pauseMs }) };
}
