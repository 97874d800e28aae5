import { readPod } from '../container/identity.ts';
import type { DiagnosticContext } from './diagnostic.ts';
import type { Preflight } from './preflight.ts';
import { findRooms } from '../container/rooms.ts';

/** Of a diagnostic that needs next to nothing but a place to write to. */
export async function smallPreflight(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  basis: string,
): Promise<Preflight> {
  const pod = await readPod(target, signal);
  const { rooms, memory } = await findRooms(target, pod, { signal });
  return { basis, rooms, ...(memory && { memory }), options: [] };
}
