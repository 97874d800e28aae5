import type { Pod } from 'kubernetes-types/core/v1.js';
import { readPod } from '../../container/identity.ts';
import { processorShare } from '../../container/processor-share.ts';
import { findRooms } from '../../container/rooms.ts';
import type { DiagnosticContext } from '../diagnostic.ts';
import type { GentlerOption, Preflight } from '../preflight.ts';
import type { Jvm } from './jvm.ts';
import { readPerfData, type JvmPerfData } from './perf-data.ts';
import { memoryOf, type Way } from './way.ts';

const mebibyte = 2 ** 20;

/**
 * Bytes of heap a second that a JVM writes while it stands still. Measured (JDK 17): 420 MB/s on a
 * quiet machine, 105 where four processes wanted each processor, 17 where twenty did: its share of the
 * processors. Half of that is promised, since other machines are slower.
 *
 * A rate measured on this JVM would be better, but whatever walks its heap to find one (a histogram)
 * is a pause of the length that it is to foretell, in front of the very traffic that is to be spared.
 * What the JVM tells by itself, its full collections, is added as it is.
 */
const rate = { quiet: 200e6, least: 10e6 };

/** HPROF writes full-width references: 1.34 times the heap measured, and dense heaps take more. */
const hprofFactor = 1.5;

/** What there is to know of the heap before anything is asked of the JVM. */
export interface HeapFigures {
  readonly heapBytes: number;
  readonly perf: JvmPerfData | undefined;
}

/** The heap at worst: what the JVM publishes, else its resident memory. */
export async function readHeapFigures(
  context: Pick<DiagnosticContext, 'target' | 'signal'>,
  jvm: Jvm,
): Promise<HeapFigures> {
  const perf = await readPerfData(context, jvm);
  const { residentBytes } = jvm.process;
  return { heapBytes: Math.min(perf?.heapBytes ?? residentBytes, residentBytes), perf };
}

/** What is done with the heap, compared with writing it as it is. */
export interface HeapWork {
  /** Of the time that writing it takes. */
  readonly effort: number;
  /** Bytes of the result. */
  readonly sizeBytes: (heapBytes: number) => number;
  /** A full collection goes before. */
  readonly collects: boolean;
  readonly options: (heapBytes: number, bytesPerSecond: number) => readonly GentlerOption[];
}

/** What work on the whole heap may need at worst. */
export async function heapPreflight(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  { jvm, way }: { readonly jvm: Jvm; readonly way: Way },
  { effort, sizeBytes, collects, options }: HeapWork,
): Promise<Preflight> {
  const pod = await readPod(target, signal);
  const { residentBytes } = jvm.process;
  const [{ heapBytes, perf }, housing] = await Promise.all([
    readHeapFigures({ target, signal }, jvm),
    findRooms(target, pod, { residentBytes, signal }),
  ]);
  const bytesPerSecond = rateOf(jvm, pod, target.container);
  const workMs = (heapBytes / bytesPerSecond) * 1000 * effort;
  const collectMs = collects ? (perf?.fullCollectionMs ?? 0) : 0;
  const source = perf?.heapBytes === undefined ? 'its resident memory' : 'its last collection';
  const atRate = Math.max(1, Math.round(bytesPerSecond / effort / 1e6));
  return {
    pauseMs: Math.round(workMs + collectMs),
    sizeBytes: sizeBytes(heapBytes),
    memoryBytes: memoryOf(way),
    basis: `at most ${Math.ceil(heapBytes / mebibyte)} MiB of heap (by ${source}), ${atRate} MB/s at worst`,
    rooms: housing.rooms,
    ...(housing.memory && { memory: housing.memory }),
    options: options(heapBytes, bytesPerSecond),
  };
}

function rateOf({ nodeProcessors, nodeLoad }: Jvm, pod: Pod, container: string): number {
  const left = rate.quiet * Math.min(1, nodeProcessors / Math.max(nodeLoad, 1));
  return Math.max(left, rate.least) * processorShare(pod, container);
}

/** Room to ask for when that much heap is dumped as it is. */
export function dumpBytes(heapBytes: number): number {
  return Math.ceil(heapBytes * hprofFactor) + 16 * mebibyte;
}

/** The class histogram of the time of a dump: it collects and walks as well, and writes nothing (measured). */
export const histogramEffort = 0.6;

export const threadDump: GentlerOption = {
  flag: '--diagnostic=jvm-threads',
  what: 'a thread dump stands still for milliseconds and takes next to no room',
  pauseMs: 500,
  sizeBytes: 4 * mebibyte,
};

/** The histogram as an option for whom the dump is too long or too large. */
export function histogramInstead(heapBytes: number, bytesPerSecond: number): GentlerOption {
  return {
    flag: '--diagnostic=jvm-histogram',
    what: 'objects and bytes of each class stand still for about half the time and take next to no room',
    pauseMs: Math.round((heapBytes / bytesPerSecond) * 1000 * histogramEffort),
    sizeBytes: 4 * mebibyte,
  };
}
