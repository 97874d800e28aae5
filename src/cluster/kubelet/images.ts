import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCommand } from './runtime/find-command.ts';
import type { Mount } from './runtime/runtime.ts';

/** What a Dockerfile would say, and which of the host's files stand for the image's own. */
export interface Image {
  /** ENTRYPOINT: what runs unless the Pod says `command`. Empty: the Pod must say one. */
  readonly command: readonly string[];
  /** CMD: the default `args`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** Host files and directories, and where the container sees them (level `namespaces`). */
  readonly files?: readonly Mount[];
}

/** Images by name, without registry or digest: `my-api:1`. */
export type ImageCatalogue = Readonly<Record<string, Image>>;

/** Stands for the machine itself: any command on PATH. */
const HOST: Image = { command: [] };

/**
 * The image of a container, or why there is none. An image that is not in the catalogue stands for
 * the host, as long as the Pod says which command to run.
 */
export function findImage(
  name: string,
  options: { readonly catalogue: ImageCatalogue; readonly hasCommand: boolean },
): { readonly image: Image } | { readonly missing: string } {
  const short = name.slice(name.lastIndexOf('/') + 1).replace(/@.*$/, '');
  const image =
    options.catalogue[name] ??
    options.catalogue[short] ??
    options.catalogue[short.replace(/:.*$/, '')];
  if (image) return { image };
  if (options.hasCommand) return { image: HOST };
  const known = Object.keys(options.catalogue).join(', ');
  return {
    missing: `the embedded cluster pulls no images and has none named "${name}" (it has ${known}): say "command:" to run a program of this machine`,
  };
}

/** The images that are always there. */
export function builtInImages(path: string): ImageCatalogue {
  const app = join(packageRoot(), 'examples', 'my-api', 'app');
  // Half the CPU time of a start, which on a small machine is most of the demo's.
  const quickStart = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const jvm = myApi(app, ['java', '-Xmx512m', ...quickStart, '/app/MyApi.java']);
  const node = myApi(app, ['node', '--max-old-space-size=512', '/app/my-api.mjs']);
  return {
    host: HOST,
    // The first process of a PID namespace gets no signal that it does not ask for.
    pause: { command: ['sh', '-c', 'trap "exit 0" TERM INT; sleep infinity & wait'] },
    'my-api:1': hasJdk(path) ? jvm : node,
    'my-api:1-jvm': jvm,
    'my-api:1-node': node,
  };
}

/** The same image where the container sees the host's files at the host's paths. */
export function withoutMounts(image: Image): Image {
  const atHost = (word: string) => {
    const file = image.files?.find(
      ({ target }) => word === target || word.startsWith(`${target}/`),
    );
    return file ? file.source + word.slice(file.target.length) : word;
  };
  const { files: _, ...rest } = image;
  return {
    ...rest,
    command: image.command.map(atHost),
    ...(image.workingDir !== undefined && { workingDir: atHost(image.workingDir) }),
  };
}

function myApi(app: string, command: readonly string[]): Image {
  return {
    command,
    workingDir: '/app',
    files: [{ source: app, target: '/app', readOnly: true }],
  };
}

/** The note's heap dump needs a JDK's tools, not only a Java runtime. */
function hasJdk(path: string): boolean {
  const has = (command: string) => findCommand(command, { path, directory: '/' }) !== undefined;
  return has('java') && (has('jcmd') || has('jmap'));
}

/** The folder of package.json, above this file in the sources as in the bundle. */
function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory)
      throw new Error(
        'the package of the embedded cluster is incomplete: no package.json above it',
      );
    directory = parent;
  }
  return directory;
}
