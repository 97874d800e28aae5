import type { Container, EphemeralContainer } from 'kubernetes-types/core/v1.js';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { milliValue } from '../../machinery/codec/quantity.ts';
import { hasNamespaces } from '../../network/index.ts';
import { atHost, findImage, withoutMounts, type Image, type ImageCatalogue } from '../images.ts';
import { LogFile } from '../logs/log-file.ts';
import type { MemoryCgroup } from '../runtime/memory-cgroups.ts';
import { librariesFor } from '../runtime/libraries.ts';
import type { ContainerProcess, Mount, Security } from '../runtime/runtime.ts';
import type { ContainerRun } from './container-run.ts';
import { environmentOf } from './environment.ts';
import { expand } from './expand.ts';
import { sayIgnored } from './ignored-fields.ts';
import { ownFiles } from './own-files.ts';
import type { PodContext } from './pod-context.ts';
import { sayUnsecured, securityOf } from './security.ts';

export interface StartOptions {
  readonly context: PodContext;
  readonly role: ContainerRun['role'];
  /** Counts the starts of this container, from 0. */
  readonly attempt: number;
}

/** The image is none we know: `ErrImagePull`. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}

export interface StartedContainer {
  readonly process: ContainerProcess;
  readonly log: LogFile;
  /** Resolves when all output is in the log. */
  readonly recorded: Promise<void>;
  readonly containerId: string;
  /** Holds its memory to the limit; absent where nothing is limited by the kernel. */
  readonly cgroup: MemoryCgroup | undefined;
  readonly user: NonNullable<ContainerRun['user']>;
}

/** Starts a container's process and begins its log; throws ImageError, ConfigError or StartError. */
export async function startContainer(
  container: Container,
  { context, role, attempt }: StartOptions,
): Promise<StartedContainer> {
  const { node, podIp, directory, sayLimit } = context;
  const pod = context.pod();
  const { level } = node.runtime;
  const isContained = hasNamespaces(level);
  const original = imageOf(container, node.images.all);
  const image = isContained ? original : withoutMounts(original);
  const security = securityOf(container, { pod, image });
  sayUnsecured(security, { node, sayLimit });
  sayIgnored(container, { pod, sayLimit });
  const { env: own, declared } = environmentOf({
    ...node,
    pod,
    container,
    image,
    podIp,
    hostIp: node.network.nodeAddress,
    allocatable: node.allocatable(),
    hostname: hostnameOf(context),
    home: !isContained ? undefined : security.uid ? '/' : '/root',
  });
  const env: Record<string, string> = {
    ...own,
    // Without a network of its own the program has to be told which address is the Pod's.
    ...(!isContained && { POD_IP: podIp }),
    ...node.marker,
  };
  const volumes = context.volumes.mountsOf(container, declared);
  if (original.bare && !isContained)
    sayLimit(
      'image',
      `image ${container.image} has no shell and no tools, but at isolation level ${level} containers see those of this machine`,
    );
  if (volumes.length > 0 && !isContained)
    sayLimit(
      'volumes',
      `volumes are not at their paths at isolation level ${level}: they are below $POD_ROOT`,
    );
  const cgroup = memoryLimitOf(container, { context, role, attempt });
  const process = await context.sandbox.start({
    name: container.name,
    attempt,
    command: commandOf(container, { image: original, env: declared, isContained }),
    env,
    workingDir: container.workingDir || image.workingDir || '/',
    stdin: container.stdin ?? false,
    tty: container.tty ?? false,
    security,
    processes: processesOf(container, context),
    cgroup: cgroup?.path,
    bare: image.bare ?? false,
    mounts: [
      ...(image.files ?? []),
      ...(image.bare ? librariesFor(image.files ?? []) : []),
      ...(isContained ? filesOf(context).filter(({ target }) => !isMounted(target)) : []),
      ...volumes,
    ],
    terminationMessagePath: container.terminationMessagePath ?? '/dev/termination-log',
  });
  const log = new LogFile(join(directory, 'logs', container.name, `${attempt}.log`));
  return {
    process,
    log,
    recorded: log.record(process),
    containerId: `pitstop://${randomBytes(32).toString('hex')}`,
    cgroup,
    user: level === 'namespaces' ? userOf(security) : userOf({ groups: [] }),
  };

  function isMounted(target: string): boolean {
    return volumes.some((mount) => mount.target === target);
  }
}

/** As the status shows it: the group is always among the groups. */
function userOf({ uid = 0, gid = 0, groups }: Partial<Security> & Pick<Security, 'groups'>) {
  return { uid, gid, groups: [...new Set([gid, ...groups])] };
}

function imageOf(container: Container, catalogue: ImageCatalogue): Image {
  const name = container.image ?? '';
  const hasCommand = (container.command?.length ?? 0) > 0;
  const found = findImage(name, { catalogue, hasCommand });
  if ('image' in found) {
    const { command, args = [] } = found.image;
    if (hasCommand || command.length + args.length + (container.args?.length ?? 0) > 0)
      return found.image;
    throw new ImageError(`image "${name}" stands for this machine: say "command:"`);
  }
  if (container.imagePullPolicy === 'Never')
    throw new ImageError(`Container image "${name}" is not present with pull policy of Never`);
  throw new ImageError(found.missing);
}

function commandOf(
  container: Container,
  {
    image,
    env,
    isContained,
  }: {
    readonly image: Image;
    readonly env: Readonly<Record<string, string>>;
    readonly isContained: boolean;
  },
): string[] {
  const isOwn = (container.command?.length ?? 0) > 0;
  const entrypoint = isOwn ? (container.command ?? []) : image.command;
  const args = container.args?.length ? container.args : isOwn ? [] : (image.args ?? []);
  const words = [...entrypoint, ...args].map((word) => expand(word, env));
  // Without mounts, the image's own files are where the host has them: also those among its words.
  const ours = new Set([...image.command, ...(image.args ?? [])]);
  return isContained
    ? words
    : words.map((word, at) => (at === 0 || ours.has(word) ? atHost(image, word) : word));
}

/** KEP-277: an ephemeral container sees the processes of the container it names. */
function processesOf(container: EphemeralContainer, context: PodContext): Processes {
  const { hostPID, shareProcessNamespace } = context.pod().spec ?? {};
  if (!hasNamespaces(context.node.runtime.level)) return 'own';
  if (hostPID) return 'node';
  if (shareProcessNamespace) return 'pod';
  const target = context.runs.find((run) => run.container.name === container.targetContainerName);
  return target?.state.kind === 'running' ? { pid: target.state.process.pid } : 'own';
}

type Processes = Parameters<PodContext['sandbox']['start']>[0]['processes'];

function memoryLimitOf(container: Container, options: StartOptions): MemoryCgroup | undefined {
  const { node, pod } = options.context;
  const limit = milliValue(container.resources?.limits?.['memory'] ?? '0') ?? 0;
  if (limit === 0) return undefined;
  const name = `${pod().metadata?.uid}-${container.name}-${options.attempt}`;
  return node.cgroups?.make(name, Math.ceil(limit / 1000));
}

/** The name the Pod's containers have for their machine. */
export function hostnameOf({ pod, node }: Pick<PodContext, 'pod' | 'node'>): string {
  const { spec, metadata } = pod();
  if (spec?.hostNetwork) return node.nodeName;
  return spec?.hostname || (metadata?.name ?? '').slice(0, 63).replace(/[-.]+$/, '');
}

function filesOf(context: PodContext): Mount[] {
  const { directory, podIp, node } = context;
  const hostname = hostnameOf(context);
  return ownFiles({ pod: context.pod(), directory, podIp, hostname, clusterDns: node.clusterDns });
}
