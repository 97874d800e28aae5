import type { GentlerOption, Preflight } from '../preflight.ts';
import { readPod } from '../../container/identity.ts';
import { runScript } from '../../container/shell.ts';
import type { DiagnosticContext } from '../diagnostic.ts';
import type { Jvm } from './jvm.ts';
import { parsePerfData, perfDataScript } from './perf-data.ts';
import { findRooms } from '../../container/rooms.ts';
import { processorShare } from '../../container/processor-share.ts';

const mebibyte = 2 ** 20;

/**
 * Bytes of heap a second that a pessimist expects a JVM to collect and write while it stands still.
 * Measured (JDK 17, G1, 1.45 GB): 420 MB/s on a quiet machine, 105 MB/s on one with four times the
 * load it has processors.
 */
const heapBytesPerSecond = 100e6;

/** HPROF writes full-width references: 1.34 times the heap measured, and dense heaps take more. */
const hprofFactor = 1.5;

/** jcmd and jmap are JVMs themselves. */
const toolBytes = 64 * mebibyte;

const threadDump: GentlerOption = {
  flag: '--diagnostic=jvm-threads',
  what: 'a thread dump stands still for milliseconds and takes next to no room',
  pauseMs: 500,
  sizeBytes: 4 * mebibyte,
};

/** What an HPROF dump of the live objects may need. */
export async function heapDumpPreflight(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  { process }: Jvm,
): Promise<Preflight> {
  const pod = await readPod(target, signal);
  const { pid, residentBytes } = process;
  const [perf, housing] = await Promise.all([
    runScript(target, perfDataScript, [String(pid)], { signal }),
    findRooms(target, pod, { residentBytes, signal }),
  ]);
  const data = parsePerfData(perf.stdout);
  const heapBytes = Math.min(data?.heapBytes ?? residentBytes, residentBytes);
  const rate = heapBytesPerSecond * processorShare(pod, target.container);
  const dumpMs = (heapBytes / rate) * 1000;
  const source = data ? 'its last collection' : 'its resident memory';
  return {
    pauseMs: Math.round(dumpMs + (data?.fullCollectionMs ?? 0)),
    sizeBytes: heapNeeds(heapBytes),
    memoryBytes: toolBytes,
    basis: `at most ${Math.ceil(heapBytes / mebibyte)} MiB of heap (by ${source}), ${Math.round(rate / 1e6)} MB/s at worst`,
    rooms: housing.rooms,
    ...(housing.memory && { memory: housing.memory }),
    options: [threadDump],
  };
}

/** Room to ask for when that much heap is in use. */
export function heapNeeds(heapBytes: number): number {
  return Math.ceil(heapBytes * hprofFactor) + 16 * mebibyte;
}
