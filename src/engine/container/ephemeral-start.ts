import type { ContainerState, Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../errors.ts';
import { watchUntil } from '../steps/watch-until.ts';
import type { Target } from './target.ts';

/** Images are pulled in this time too. */
const startTimeoutMs = 120_000;
const tellEveryMs = 5_000;

/** Reasons of a waiting container that no waiting ends: a name that no registry has, a first pull that failed. */
const hopeless = new Set(['InvalidImageName', 'ErrImageNeverPull', 'ImagePullBackOff']);

/** Waits until the ephemeral container runs. Throws `debug-container` with the kubelet's own reason. */
export async function untilRunning(
  { kube, namespace, pod }: Target,
  {
    name,
    image,
    signal,
    onProgress = () => undefined,
  }: {
    readonly name: string;
    readonly image: string;
    readonly signal: AbortSignal;
    readonly onProgress?: ((message: string) => void) | undefined;
  },
): Promise<void> {
  let last = 'the kubelet has not said why';
  const failed = (why: string) =>
    new PitstopError(
      'debug-container',
      `pod ${namespace}/${pod}: ephemeral container ${name} of image ${image} does not run: ${why}`,
      { hint: '--debug-image names another image, of a registry that the node can reach' },
    );
  const tell = () => onProgress(`ephemeral container ${name} of image ${image} starts: ${last}`);
  const timer = setInterval(tell, tellEveryMs);
  using _ = { [Symbol.dispose]: () => clearInterval(timer) };
  await watchUntil<Pod, true>(
    kube,
    'pods',
    {
      namespace,
      fieldSelector: `metadata.name=${pod}`,
      signal,
      timeoutMs: startTimeoutMs,
      onTimeout: () => failed(last),
    },
    ([found]) => {
      const state = found?.status?.ephemeralContainerStatuses?.find(
        (one) => one.name === name,
      )?.state;
      if (state?.running) return true;
      if (state?.terminated) throw failed(whyEnded(state.terminated));
      const { reason, message } = state?.waiting ?? {};
      if (!reason) return undefined;
      // "Back-off pulling image" says less than why the pull had failed.
      if (reason !== 'ImagePullBackOff') last = message ? `${reason}: ${message}` : reason;
      if (hopeless.has(reason))
        throw failed(/ErrImagePull/.test(last) ? last : (message ?? reason));
      return undefined;
    },
  );
}

function whyEnded({
  message,
  reason,
  exitCode,
}: NonNullable<ContainerState['terminated']>): string {
  return message ?? `${reason ?? 'it ended'} (exit code ${exitCode}; has it sh, sleep and mkdir?)`;
}
