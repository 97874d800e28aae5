import { acceptsAnyRoom } from './check-preflight.ts';
import type { Plan } from './plan/plan.ts';
import type { SessionRequest } from './plan/request.ts';
import { checkRoomFor, type Destination } from './steps/collect.ts';

/** Throws `output-unusable` where what may come has no room at home, unless that is overridden. */
export async function checkHome(
  destination: Destination,
  { status }: Plan,
  request: SessionRequest,
): Promise<void> {
  const { sizeBytes } = status.estimate ?? {};
  if (sizeBytes === undefined || acceptsAnyRoom(request)) return;
  const isPacked = (request.store ?? 'dumped') !== 'dumped';
  await checkRoomFor(destination, { sizeBytes, isPacked });
}
