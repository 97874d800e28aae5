import { randomBytes } from 'node:crypto';
import type { EphemeralContainer, Pod, SecurityContext } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../kube/index.ts';
import type { Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import { watchUntil } from '../steps/watch-until.ts';

/** Longer than any session needs it; after that it ends by itself, whatever has become of us. */
const lifetimeSeconds = 2 * 3600;
const startTimeoutMs = 60_000;

// PID 1 has no default handler for TERM: without the trap it could not be told to end. In a
// container's command Kubernetes takes $$ for an escaped $.
const mainScript = `
trap 'kill $! 2>/dev/null; exit 0' TERM
echo $$$$ >"/tmp/$0.pid"
sleep ${lifetimeSeconds} & wait`;
const endScript = `pid=$(cat "/tmp/$0.pid") && rm "/tmp/$0.pid" && kill "$pid"`;

/** `look`: nobody, no capability. `sever`: root with NET_ADMIN alone, which `ss -K` needs. */
type Purpose = 'look' | 'sever';

const securityContexts: Readonly<Record<Purpose, SecurityContext>> = {
  // What Pod Security's level restricted asks for.
  look: {
    runAsUser: 65534,
    runAsGroup: 65534,
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
  sever: {
    runAsUser: 0,
    runAsNonRoot: false,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

/** An ephemeral container of ours in the Pod. Disposing ends it; its entry in the Pod stays for ever. */
export interface DebugContainer extends AsyncDisposable {
  readonly name: string;
}

/**
 * Adds an ephemeral container to the Pod and waits until it runs. Throws `debug-container` when that
 * is not allowed, or the image does not start.
 */
export async function startDebugContainer(
  target: Target,
  {
    image,
    purpose,
    signal,
  }: { readonly image: string; readonly purpose: Purpose; readonly signal: AbortSignal },
): Promise<DebugContainer> {
  const { kube, namespace, pod } = target;
  const name = `pitstop-${randomBytes(4).toString('hex')}`;
  const container: EphemeralContainer = {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', mainScript, name],
    securityContext: securityContexts[purpose],
  };
  try {
    await kube.patch(
      { resource: 'pods', namespace, name: pod },
      { spec: { ephemeralContainers: [container] } },
      { type: 'strategic', subresource: 'ephemeralcontainers', signal },
    );
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof KubeError)) throw cause;
    throw new PitstopError(
      'debug-container',
      `pod ${namespace}/${pod}: an ephemeral container to ${reasons[purpose]} is refused: ${cause.message}`,
      { hint: `kubectl auth can-i patch pods/ephemeralcontainers -n ${namespace}`, cause },
    );
  }
  await untilRunning(target, { name, image, purpose, signal });
  return { name, [Symbol.asyncDispose]: () => endDebugContainer({ ...target, container: name }) };
}

const reasons: Readonly<Record<Purpose, string>> = {
  look: 'read the sockets with',
  sever: 'close idle connections with (root with capability NET_ADMIN)',
};

async function untilRunning(
  { kube, namespace, pod }: Target,
  options: {
    readonly name: string;
    readonly image: string;
    readonly purpose: Purpose;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { name, image, signal } = options;
  const failed = (why: string) =>
    new PitstopError(
      'debug-container',
      `pod ${namespace}/${pod}: ephemeral container ${name} of image ${image} does not run: ${why}`,
      { hint: '--debug-image names another image, of a registry that the node can reach' },
    );
  let last = 'the kubelet has not said why';
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
      if (state?.terminated)
        throw failed(state.terminated.message ?? state.terminated.reason ?? '');
      const { reason, message } = state?.waiting ?? {};
      if (reason) last = message ? `${reason}: ${message}` : reason;
      // A name that no registry has is not found a minute later either.
      if (reason === 'InvalidImageName' || reason === 'ErrImageNeverPull') throw failed(last);
      return undefined;
    },
  );
}

/** An unanswered goodbye costs nothing: the container ends by itself. */
export async function endDebugContainer({
  kube,
  namespace,
  pod,
  container,
}: Target): Promise<void> {
  await kube
    .execText({
      namespace,
      pod,
      container,
      command: ['sh', '-c', endScript, container],
      signal: AbortSignal.timeout(5_000),
    })
    .catch(() => undefined);
}
