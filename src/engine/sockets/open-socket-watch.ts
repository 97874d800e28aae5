import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Target } from '../diagnostics/index.ts';
import { PitstopError } from '../errors.ts';
import { watchSockets, type SocketWatch } from './socket-watch.ts';

/** Throws `isolation-unproven` when the Pod's sockets cannot be read: then nothing can be proven. */
export async function openSocketWatch(
  target: Target,
  pod: Pod,
  targetPorts: readonly number[],
  signal: AbortSignal,
): Promise<SocketWatch> {
  const { namespace } = target;
  try {
    return await watchSockets(target, pod, targetPorts, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new PitstopError(
      'isolation-unproven',
      `pod ${namespace}/${target.pod}: its sockets cannot be read: ${(cause as Error).message}`,
      { hint: `kubectl auth can-i create pods/exec -n ${namespace}`, cause },
    );
  }
}
