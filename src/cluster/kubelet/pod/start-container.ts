import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '../../api.ts';
import { atHost, findImage, withoutMounts, type ImageCatalogue } from '../images.ts';
import { LogFile } from '../logs/log-file.ts';
import type { ContainerProcess, Mount, Sandbox } from '../runtime/runtime.ts';
import { hasNamespaces, type Level } from '../../network/index.ts';
import { environmentOf } from './environment.ts';
import { expand } from './expand.ts';
import { mountsOf } from './volumes.ts';

export interface StartOptions {
  readonly api: Api;
  readonly pod: Pod;
  readonly sandbox: Sandbox;
  readonly level: Level;
  readonly directory: string;
  readonly podIp: string;
  readonly hostIp: string;
  readonly hostname: string;
  /** Counts the starts of this container, from 0. */
  readonly attempt: number;
  readonly catalogue: ImageCatalogue;
  /** PATH of the containers, and the marker by which a reaper knows what we started. */
  readonly path: string;
  readonly marker: Readonly<Record<string, string>>;
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
}

/** Starts a container's process and begins its log; throws ImageError, ConfigError or StartError. */
export async function startContainer(
  container: Container,
  options: StartOptions,
): Promise<StartedContainer> {
  const { level, podIp } = options;
  const found = findImage(container.image ?? '', {
    catalogue: options.catalogue,
    hasCommand: (container.command?.length ?? 0) > 0,
  });
  if ('missing' in found) throw new ImageError(found.missing);
  const image = hasNamespaces(level) ? found.image : withoutMounts(found.image);
  const env: Record<string, string> = {
    ...environmentOf({ ...options, container, image }),
    // Without a network of its own the program has to be told which address is the Pod's.
    ...(!hasNamespaces(level) && { POD_IP: podIp }),
    ...options.marker,
  };
  const entrypoint = container.command?.length
    ? [
        hasNamespaces(level)
          ? (container.command[0] ?? '')
          : atHost(found.image, container.command[0] ?? ''),
        ...container.command.slice(1),
      ]
    : image.command;
  const args = container.args ?? (container.command?.length ? [] : (image.args ?? []));
  if (entrypoint.length + args.length === 0)
    throw new ImageError(`image "${container.image}" stands for this machine: say "command:"`);
  const mounts = [
    ...(image.files ?? []),
    ...mountsOf(container, options),
    ...(hasNamespaces(level) ? ownFiles(options) : []),
  ];
  const process = await options.sandbox.start({
    name: container.name,
    attempt: options.attempt,
    command: [...entrypoint, ...args].map((word) => expand(word, env)),
    env,
    workingDir: container.workingDir || image.workingDir || '/',
    stdin: container.stdin ?? false,
    mounts,
    terminationMessagePath: container.terminationMessagePath ?? '/dev/termination-log',
  });
  const log = new LogFile(
    join(options.directory, 'logs', container.name, `${options.attempt}.log`),
  );
  return {
    process,
    log,
    recorded: log.record(process),
    containerId: `pitstop://${randomBytes(32).toString('hex')}`,
  };
}

/** /etc/hosts and /etc/hostname, as the kubelet writes them for a Pod. */
function ownFiles({ directory, podIp, hostname, pod }: StartOptions): Mount[] {
  const aliases = (pod.spec?.hostAliases ?? []).map(
    ({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`,
  );
  const hosts = [
    '# Kubernetes-managed hosts file.\n',
    '127.0.0.1\tlocalhost\n',
    '::1\tlocalhost ip6-localhost ip6-loopback\n',
    `${podIp}\t${hostname}\n`,
    ...aliases,
  ].join('');
  return Object.entries({ hosts, hostname: `${hostname}\n` }).map(([name, content]) => {
    const source = join(directory, name);
    writeFileSync(source, content);
    return { source, target: `/etc/${name}`, readOnly: false };
  });
}
