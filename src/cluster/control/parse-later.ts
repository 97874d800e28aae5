import type { Fault } from '../faults/fault.ts';
import type { Image } from '../kubelet/images.ts';

// What checks input is as large as all else that starts a cluster, and most who start one give none.

/** An image from the wire or a file; rejects with a `TypeError` that names the field. */
export async function parseImage(value: unknown): Promise<Image> {
  return (await import('./parse-image.ts')).parseImage(value);
}

/** A fault from the wire; rejects with a `TypeError` that names the field. */
export async function parseFault(value: unknown): Promise<Fault> {
  return (await import('../faults/parse-fault.ts')).parseFault(value);
}
