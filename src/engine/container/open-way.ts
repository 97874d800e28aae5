import type { Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../errors.ts';
import { startEphemeral, type EphemeralHelper } from './ephemeral.ts';
import {
  asUser,
  describeUser,
  nobody,
  tracer,
  userOf,
  type ContainerUser,
} from './ephemeral-security.ts';
import { findRoot, type FoundRoot } from './find-root.ts';
import { NoShell, runScript } from './shell.ts';
import type { Target, Via } from './target.ts';

/** With a shell, the usual tools, and socat, which speaks to the sockets of JVMs. */
const workImage = 'alpine/socat:1.8.0.3';

/** A target that is reached through an ephemeral container; disposing ends that. */
export interface Way extends AsyncDisposable {
  readonly target: Target;
  readonly helper: EphemeralHelper;
  readonly user: ContainerUser;
}

/** What an ephemeral container for the work will be, before it is added; for a plan to say. */
export function describeWay(pod: Pod, container: string, image: string | undefined): string {
  const user = userOf(pod, container);
  const who = user ? describeUser(user) : 'the user that the container turns out to run as';
  return `an ephemeral container of image ${image ?? workImage} will be added to the Pod (${who}); it ends with the session, its entry stays in the Pod's spec`;
}

/**
 * Opens a way into a container that has no shell, or no tool for what is to be done: an ephemeral
 * container as its user, which sees its processes and files. Throws `debug-container`.
 */
export async function openWay(
  target: Target,
  pod: Pod,
  options: {
    /** `none` = never. */
    readonly image: string | undefined;
    /** Instead of the container's own user. */
    readonly user?: { readonly uid: number; readonly gid: number } | undefined;
    readonly traces?: boolean | undefined;
    readonly signal: AbortSignal;
    readonly onProgress?: ((message: string) => void) | undefined;
  },
): Promise<Way> {
  const { image = workImage, signal } = options;
  const { container } = target;
  const spec = pod.spec?.containers.find(({ name }) => name === container);
  const containerId = idOf(pod, target);
  // Whoever is not known is looked for by nobody, who may at least read who it is.
  let user = options.traces ? tracer : (options.user ?? userOf(pod, container) ?? nobody);
  for (const isLast of [false, true]) {
    await using held = new AsyncDisposableStack();
    const purpose = { for: 'work', user } as const;
    const helper = held.use(await startEphemeral(target, { ...options, image, purpose }));
    const uid = options.user?.uid;
    const root = await findRoot(target, helper.name, { containerId, uid, signal });
    if (root.isOpen) {
      held.move();
      return wayOf(target, { helper, root, user });
    }
    const found = asUser(root, spec?.securityContext ?? {});
    if (isLast || options.traces || (found.uid === user.uid && found.gid === user.gid)) {
      throw closed(target, helper.name, { root, user });
    }
    user = found;
  }
  throw new Error('unreachable');
}

/**
 * A way into the container if it has no shell of its own; undefined if it has, or with image `none`.
 */
export async function openIfBare(
  target: Target,
  pod: Pod,
  options: Parameters<typeof openWay>[2],
): Promise<Way | undefined> {
  if (options.image === 'none') return undefined;
  try {
    await runScript(target, ':', [], options);
    return undefined;
  } catch (error) {
    if (!(error instanceof NoShell)) throw error;
    return await openWay(target, pod, options);
  }
}

/**
 * The way through an ephemeral container that an earlier session has left running; the container
 * itself where that is over.
 */
export async function reopenWay(
  target: Target,
  pod: Pod,
  { helper, signal }: { readonly helper: string | undefined; readonly signal: AbortSignal },
): Promise<Target> {
  const status = pod.status?.ephemeralContainerStatuses?.find(({ name }) => name === helper);
  if (helper === undefined || !status?.state?.running) return target;
  try {
    const root = await findRoot(target, helper, { containerId: idOf(pod, target), signal });
    return root.isOpen ? { ...target, via: viaOf(helper, root) } : target;
  } catch {
    signal.throwIfAborted();
    return target;
  }
}

function idOf(pod: Pod, { container }: Target): string {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === container);
  return status?.containerID ?? '';
}

function viaOf(helper: string, { pid }: FoundRoot): Via {
  return { container: helper, root: `/proc/${pid}/root`, pid };
}

function wayOf(
  target: Target,
  { helper, root, user }: Omit<Way, 'target' | typeof Symbol.asyncDispose> & { root: FoundRoot },
): Way {
  return {
    target: { ...target, via: viaOf(helper.name, root) },
    helper,
    user,
    [Symbol.asyncDispose]: () => helper[Symbol.asyncDispose](),
  };
}

function closed(
  { namespace, pod, container }: Target,
  helper: string,
  { root, user }: { readonly root: FoundRoot; readonly user: ContainerUser },
): PitstopError {
  return new PitstopError(
    'debug-container',
    `ephemeral container ${helper} (${describeUser(user)}) may not look into the files of container ${container} of pod ${namespace}/${pod} (pid ${root.pid}, uid ${root.uid}, gid ${root.gid}): it has capabilities of its own, or is not dumpable`,
    { hint: 'a container of the Pod with a shell may do: -c NAME' },
  );
}
