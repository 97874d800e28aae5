import type { Pod } from 'kubernetes-types/core/v1.js';
import { startEphemeral, type EphemeralHelper } from '../container/ephemeral.ts';
import type { Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import { NoSocketSource } from './socket-source.ts';
import { watchSockets, type SocketWatch } from './socket-watch.ts';

const lookImage = 'busybox:1.37';
/** With `ss` (iproute2), which busybox has not. */
const severImage = 'nicolaka/netshoot:v0.13';

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

export interface OpenSockets {
  readonly sockets: SocketWatch;
  /** Of this session; to be ended with it. */
  readonly debug: EphemeralHelper | undefined;
}

/**
 * The sockets, and an ephemeral container where the session cannot do without one: it shall close
 * connections, or no container of the Pod can read. Throws `debug-container`, `isolation-unproven`.
 */
export async function openSockets(
  target: Target,
  pod: Pod,
  options: {
    readonly targetPorts: readonly number[];
    readonly severs: boolean;
    /** `none` = never add one. */
    readonly image: string | undefined;
    /** An ephemeral container that the session needs for more than its sockets; absent = none. */
    readonly startForWork?: (() => Promise<EphemeralHelper>) | undefined;
    readonly signal: AbortSignal;
    readonly onProgress?: ((message: string) => void) | undefined;
  },
): Promise<OpenSockets> {
  const { targetPorts, severs, image, startForWork, signal, onProgress } = options;
  await using held = new AsyncDisposableStack();
  const start = async (purpose: 'look' | 'sever', usual: string) => {
    const options = {
      image: image ?? usual,
      purpose: { for: purpose },
      signal,
      onProgress,
    } as const;
    return held.use(await startEphemeral(target, options));
  };

  let debug = severs && targetPorts.length > 0 ? await start('sever', severImage) : undefined;
  let sockets: SocketWatch;
  try {
    sockets = await openSocketWatch(target, pod, targetPorts, signal);
  } catch (error) {
    const isBare = error instanceof PitstopError && error.cause instanceof NoSocketSource;
    if (!isBare || image === 'none') throw error;
    debug ??= startForWork ? await startForWork() : await start('look', lookImage);
    sockets = await openSocketWatch({ ...target, container: debug.name }, pod, targetPorts, signal);
  }
  held.move();
  return { sockets, debug };
}
