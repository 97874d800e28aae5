import type { Kube } from '../kube/index.ts';
import { readAllowed } from './access/check-access.ts';
import type { SessionRequest } from './plan/request.ts';
import { takeSnapshot, type Snapshot } from './plan/snapshot.ts';
import { resolveTarget } from './plan/target.ts';

/** Everything about the Pod that the request means. Throws `interlock` where the user may not read it. */
export function readSnapshot(
  kube: Kube,
  request: SessionRequest,
  signal?: AbortSignal,
): Promise<Snapshot> {
  const { target, namespace } = request;
  const read = async () => {
    const name = await resolveTarget(kube, target, namespace, signal);
    return await takeSnapshot(kube, { namespace, name }, signal);
  };
  return readAllowed(kube, request, read, signal);
}
