import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { EphemeralContainer, Pod } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import { describePurpose, securityOf, type Purpose } from './ephemeral-security.ts';
import { whoRefused } from './refusal.ts';
import { untilRunning } from './ephemeral-start.ts';
import type { Target } from './target.ts';

/** Longer than any session needs it; after that it ends by itself, whatever has become of us. */
const lifetimeSeconds = 2 * 3600;

// As PID 1 it has no default handler for TERM: without the trap it could not be told to end. In a
// container's command Kubernetes takes $$ for an escaped $. Whoever uses it has a file in its
// directory, so that two of us at the same Pod do not end it under each other.
const mainScript = `
trap 'kill $! 2>/dev/null; exit 0' TERM
mkdir "/tmp/$0" && echo >"/tmp/$0/user-$1" && echo $$$$ >"/tmp/$0.pid"
sleep ${lifetimeSeconds} & wait`;
const joinScript = `kill -0 "$(cat "/tmp/$0.pid")" && echo >"/tmp/$0/user-$1"`;
const leaveScript = `
rm -f "/tmp/$0/user-$1"
[ "$1" != all ] && [ -n "$(ls "/tmp/$0" 2>/dev/null)" ] && exit 0
pid=$(cat "/tmp/$0.pid") && rm "/tmp/$0.pid" && kill "$pid"`;

const ours = /^pitstop-[0-9a-f]{8}$/;

/** An ephemeral container of ours in the Pod. Disposing ends it; its entry in the Pod stays for ever. */
export interface EphemeralHelper extends AsyncDisposable {
  readonly name: string;
  /** It was added now, which has changed the Pod; false: it was there. */
  readonly isNew: boolean;
}

export interface EphemeralOptions {
  readonly image: string;
  readonly purpose: Purpose;
  readonly signal: AbortSignal;
  readonly onProgress?: ((message: string) => void) | undefined;
}

/**
 * An ephemeral container for this purpose: one of ours that runs in the Pod already and fits, else a
 * new one, as soon as it runs. Throws `debug-container` when that is not allowed, or the image does
 * not start.
 */
export async function startEphemeral(
  target: Target,
  options: EphemeralOptions,
): Promise<EphemeralHelper> {
  const user = randomBytes(4).toString('hex');
  return (await joinRunning(target, user, options)) ?? (await addNew(target, user, options));
}

async function joinRunning(
  target: Target,
  user: string,
  options: EphemeralOptions,
): Promise<EphemeralHelper | undefined> {
  const { kube, namespace, pod: name } = target;
  const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, options);
  const running = (pod?.status?.ephemeralContainerStatuses ?? []).flatMap((status) =>
    ours.test(status.name) && status.state?.running ? [status.name] : [],
  );
  const found = pod?.spec?.ephemeralContainers?.find(
    (container) => running.includes(container.name) && fits(container, target, options),
  );
  if (!found) return undefined;
  const isJoined = await kube
    .execText({
      namespace,
      pod: name,
      container: found.name,
      command: ['sh', '-c', joinScript, found.name, user],
      signal: options.signal,
    })
    .then(
      ({ exitCode }) => exitCode === 0,
      () => false,
    );
  options.signal.throwIfAborted();
  return isJoined ? helperOf(target, found.name, { user, isNew: false }) : undefined;
}

function fits(
  container: EphemeralContainer,
  target: Target,
  { image, purpose }: EphemeralOptions,
): boolean {
  // Whoever may more can look as well.
  if (purpose.for === 'look') return true;
  if (container.image !== image) return false;
  const { targetContainerName, securityContext } = describe('', target, { image, purpose });
  return (
    container.targetContainerName === targetContainerName &&
    isDeepStrictEqual(container.securityContext, securityContext)
  );
}

async function addNew(
  target: Target,
  user: string,
  options: EphemeralOptions,
): Promise<EphemeralHelper> {
  const { kube, namespace, pod } = target;
  const { image, purpose, signal } = options;
  const name = `pitstop-${randomBytes(4).toString('hex')}`;
  const container = { ...describe(name, target, options), command: mainCommand(name, user) };
  try {
    await kube.patch(
      { resource: 'pods', namespace, name: pod },
      { spec: { ephemeralContainers: [container] } },
      { type: 'strategic', subresource: 'ephemeralcontainers', signal },
    );
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof KubeError)) throw cause;
    const { by, hint } = whoRefused(cause, namespace);
    throw new PitstopError(
      'debug-container',
      `pod ${namespace}/${pod}: an ephemeral container to ${describePurpose(purpose)} is refused${by}: ${cause.message}`,
      { hint, cause },
    );
  }
  await untilRunning(target, { name, image, signal, onProgress: options.onProgress });
  return helperOf(target, name, { user, isNew: true });
}

function mainCommand(name: string, user: string): string[] {
  return ['sh', '-c', mainScript, name, user];
}

function describe(
  name: string,
  { container }: Target,
  { image, purpose }: Pick<EphemeralOptions, 'image' | 'purpose'>,
): EphemeralContainer {
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    // KEP-277: only so does it see the other's processes, and through them its files.
    ...(purpose.for === 'work' && { targetContainerName: container }),
    securityContext: securityOf(purpose),
  };
}

function helperOf(
  target: Target,
  name: string,
  { user, isNew }: { readonly user: string; readonly isNew: boolean },
): EphemeralHelper {
  return {
    name,
    isNew,
    [Symbol.asyncDispose]: () => leave({ ...target, container: name }, user),
  };
}

/** Ends it whoever uses it: what it was started for is over. */
export async function endEphemeral(target: Target): Promise<void> {
  await leave(target, 'all');
}

/** An unanswered goodbye costs nothing: the container ends by itself. */
async function leave({ kube, namespace, pod, container }: Target, user: string): Promise<void> {
  await kube
    .execText({
      namespace,
      pod,
      container,
      command: ['sh', '-c', leaveScript, container, user],
      signal: AbortSignal.timeout(5_000),
    })
    .catch(() => undefined);
}
