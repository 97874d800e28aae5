import { readPod } from '../../container/identity.ts';
import type { DiagnosticContext } from '../diagnostic.ts';
import type { Preflight } from '../preflight.ts';
import { processorShare } from '../../container/processor-share.ts';
import type { FoundNode } from './find-node.ts';
import { findRooms } from '../../container/rooms.ts';

const mebibyte = 2 ** 20;

/** What Node takes before it has a heap worth mentioning. */
const emptyBytes = 40 * mebibyte;

/**
 * Bytes a second and bytes of memory by which V8 goes through a heap of small objects, the worst kind.
 * Measured (Node 24, 280 MB of heap in 374 MB): 33 s on a machine with twice the load it has
 * processors, and 2.4 GB of memory beyond what it had.
 */
const bytesPerSecond = 10e6;
const memoryFactor = 7;

/** What our program in the container takes, a Node itself. Measured (Node 24): 48 MB. */
const programBytes = 56 * mebibyte;

/** What a V8 heap snapshot may need. */
export async function heapSnapshotPreflight(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  { process: { residentBytes }, way }: FoundNode,
): Promise<Preflight> {
  const pod = await readPod(target, signal);
  const { rooms, memory } = await findRooms(target, pod, { residentBytes, signal });
  const heapBytes = Math.max(0, residentBytes - emptyBytes);
  const rate = bytesPerSecond * processorShare(pod, target.container);
  return {
    pauseMs: Math.round((heapBytes / rate) * 1000),
    sizeBytes: snapshotNeeds(residentBytes),
    memoryBytes: heapBytes * memoryFactor + (way === 'port-forward' ? 0 : programBytes),
    basis: `at most ${Math.ceil(heapBytes / mebibyte)} MiB of heap (by its resident memory), ${Math.round(rate / 1e6)} MB/s at worst`,
    rooms,
    ...(memory && { memory }),
    options: [
      {
        flag: '--diagnostic=node-heap-sampling',
        what: 'sampled allocations stop nothing and take next to no room',
        pauseMs: 500,
        sizeBytes: 4 * mebibyte,
        memoryBytes: way === 'port-forward' ? 0 : programBytes,
      },
    ],
  };
}

/** What samples for some seconds may need: next to nothing of the process, but the program is a Node. */
export async function profilePreflight(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  { process: { residentBytes }, way }: FoundNode,
  recordedMs: number,
): Promise<Preflight> {
  const pod = await readPod(target, signal);
  const { rooms, memory } = await findRooms(target, pod, { residentBytes, signal });
  return {
    ...(way !== 'port-forward' && { memoryBytes: programBytes }),
    basis: `${recordedMs / 1000} s of samples, some MiB`,
    rooms,
    ...(memory && { memory }),
    options: [],
  };
}

/** Room to ask for when the process holds that much memory. */
export function snapshotNeeds(residentBytes: number): number {
  return Math.ceil(residentBytes * 1.5) + 16 * mebibyte;
}
