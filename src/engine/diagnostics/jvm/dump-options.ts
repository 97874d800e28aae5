import type { Pod } from 'kubernetes-types/core/v1.js';
import { readPod } from '../../container/identity.ts';
import { amountOf } from '../../container/quantity.ts';
import { PitstopError } from '../../errors.ts';
import type { Jvm } from './jvm.ts';
import { dumpBytes } from './preflight.ts';
import { ask, type Visit } from './visit.ts';

/** How a heap is to be dumped. */
export interface DumpWish {
  readonly all?: boolean;
  readonly gz?: number;
  readonly parallel?: number;
}

/**
 * The options of GC.heap_dump: those wished for, and `-parallel` where the JVM has it and the container
 * the processors. The JVM is asked which it has (`-gz` came with 15, `-parallel` with 22), and how much
 * heap is in use; this is also the last moment to notice that it answers nothing.
 */
export async function chooseDumpOptions(
  here: Visit,
  wish: DumpWish,
): Promise<{ readonly options: readonly string[]; readonly usedBytes: number | undefined }> {
  const { target, signal, anyRoom } = here.context;
  // JVMs before 9 know no GC.heap_info: what was answered before it counts.
  const answer = await ask(here, 'help GC.heap_dump\nGC.heap_info', /^\s*Options:/m);
  const { freeBytes = Infinity } = here.directory;
  const usedBytes = parseHeapUsed(answer);
  if (usedBytes !== undefined && !wish.gz && !anyRoom && freeBytes < usedBytes) {
    throw new PitstopError(
      'diagnostic-failed',
      `the JVM uses ${mebibytes(usedBytes)} of heap now, and ${here.directory.path} has room for ${mebibytes(freeBytes)}: nothing was dumped`,
      { hint: 'objects and bytes of each class take next to no room: --diagnostic=jvm-histogram' },
    );
  }
  const offered = optionsOffered(answer);
  const wanted = Object.entries({ '-all': wish.all, '-gz': wish.gz, '-parallel': wish.parallel });
  const options = wanted.flatMap(([word, value]) => {
    if (value === undefined) return [];
    if (!offered.has(word)) throw notOffered(here, word, offered);
    return [value === true ? word : `${word}=${value}`];
  });
  const threads = threadsFor(here.jvm, await readPod(target, signal), target.container);
  // Each thread writes a part of its own, which lies beside the whole until it has been put there.
  const fits = freeBytes >= 2 * dumpBytes(usedBytes ?? here.jvm.process.residentBytes);
  const helps = offered.has('-parallel') && !wish.parallel && !wish.gz && fits && threads > 1;
  return { options: helps ? [...options, `-parallel=${threads}`] : options, usedBytes };
}

/** The options that `help` of a diagnostic command lists. */
export function optionsOffered(help: string): ReadonlySet<string> {
  return new Set([...help.matchAll(/^\s*(-\w+) : /gm)].map(([, word = '']) => word));
}

function notOffered({ jvm }: Visit, word: string, offered: ReadonlySet<string>): PitstopError {
  return new PitstopError(
    'diagnostic-option',
    `the JVM (pid ${jvm.process.pid}) knows no ${word} for a heap dump`,
    { hint: `its GC.heap_dump takes ${[...offered].join(', ')}` },
  );
}

/**
 * As many as there are processors that the container may use and nobody else does: on a busy node two
 * threads took as long as one, or longer (measured). More than eight only wait for the disk.
 */
export function threadsFor(
  { processors, nodeProcessors, nodeLoad }: Pick<Jvm, 'processors' | 'nodeProcessors' | 'nodeLoad'>,
  pod: Pod,
  name: string,
): number {
  const container = pod.spec?.containers.find((each) => each.name === name);
  const limit = container?.resources?.limits?.['cpu'];
  const allowed = limit === undefined ? undefined : amountOf(limit);
  const idle = Math.floor(nodeProcessors - nodeLoad) + 1;
  return Math.max(1, Math.min(processors, Math.floor(allowed ?? processors), idle, 8));
}

/** Adds up the `used` of every space of GC.heap_info, in bytes; Metaspace is no heap. */
export function parseHeapUsed(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
  let total: number | undefined;
  for (const line of text.split('\n')) {
    if (/metaspace|class space/i.test(line)) continue;
    const [, number, unit = ''] =
      /\bused (\d+)([KMG])/.exec(line) ?? / (\d+)([KMG]) used\b/.exec(line) ?? [];
    if (number !== undefined) total = (total ?? 0) + Number(number) * (units[unit] ?? 1);
  }
  return total;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
