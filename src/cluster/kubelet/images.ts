import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeEntry } from '../launch/entry.ts';
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
  /** USER: `uid`, `uid:gid`; a container runs as it where it can run as another user at all. */
  readonly user?: string;
  /** Host files and directories, and where the container sees them (levels with namespaces). */
  readonly files?: readonly Mount[];
  /**
   * Only `files`, and the libraries of the programs among them: no shell, no tools, as distroless
   * images are. The host's files are not there (levels with namespaces).
   */
  readonly bare?: boolean;
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

/** The images that are always there; `directory` takes the programs that are written for them. */
export function builtInImages(options: {
  readonly path: string;
  readonly directory: string;
  /** Whether containers see files at other places than the machine does. */
  readonly mounts: boolean;
}): ImageCatalogue {
  const app = join(packageRoot(), 'examples', 'my-api', 'app');
  // Half the CPU time of a start, which on a small machine is most of the demo's.
  const quickStart = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const jvm = myApi(app, ['java', '-Xmx512m', ...quickStart, '/app/MyApi.java']);
  const node = myApi(app, ['node', '--max-old-space-size=512', '/app/my-api.mjs']);
  const files = agnhostFiles(options);
  const shell = options.mounts ? shellFiles(options.path) : [];
  const page = (title: string, words: readonly string[] = []): Image => ({
    command: ['/agnhost', 'static-page', `--title=${title}`, ...words],
    files,
  });
  return {
    host: HOST,
    // The first process of a PID namespace gets no signal that it does not ask for.
    pause: { command: ['sh', '-c', 'trap "exit 0" TERM INT; sleep infinity & wait'] },
    agnhost: { command: ['/agnhost'], args: ['pause'], files },
    busybox: { command: [], args: ['sh'], files: shell },
    alpine: { command: [], args: ['sh'], files: shell },
    debian: { command: [], args: ['bash'] },
    ubuntu: { command: [], args: ['bash'] },
    nginx: page('Welcome to nginx!'),
    httpd: page('It works!'),
    'my-api:1': hasJdk(options.path) ? jvm : node,
    'my-api:1-jvm': jvm,
    'my-api:1-node': node,
    'my-api:1-distroless': distroless(node, app),
  };
}

/** Where a container finds this package and the Node that runs its programs. */
const OWN = '/.pitstop';

/** `/agnhost` and `/agnhost-2`: scripts that run the program of that name in this package. */
function agnhostFiles(options: { readonly directory: string; readonly mounts: boolean }): Mount[] {
  const root = packageRoot();
  const entry = relative(root, nodeEntry());
  const [node, main] = options.mounts
    ? [`${OWN}/node`, join(OWN, 'package', entry)]
    : [process.execPath, nodeEntry()];
  mkdirSync(options.directory, { recursive: true });
  chmodSync(options.directory, 0o755);
  const scripts = ['/agnhost', '/agnhost-2'].map((target): Mount => {
    const source = join(options.directory, basename(target));
    writeFileSync(source, `#!/bin/sh\nexec '${node}' '${main}' agnhost ${target} "$@"\n`);
    chmodSync(source, 0o755);
    return { source, target, readOnly: true };
  });
  const own = [
    { source: process.execPath, target: `${OWN}/node`, readOnly: true },
    { source: root, target: `${OWN}/package`, readOnly: true },
  ];
  return options.mounts ? [...scripts, ...own] : scripts;
}

/** Unlike dash, busybox's sh hands on variables such as `data-1`; so does bash, called by that name. */
function shellFiles(path: string): Mount[] {
  const bash = findCommand('bash', { path, directory: '/' });
  return bash === undefined ? [] : [{ source: bash, target: '/bin/sh', readOnly: true }];
}

/** A path of an image's own files where the container sees the host's files at the host's paths. */
export function atHost(image: Image, word: string): string {
  const file = image.files?.find(({ target }) => word === target || word.startsWith(`${target}/`));
  return file ? file.source + word.slice(file.target.length) : word;
}

/** The same image without mounts of its own. */
export function withoutMounts(image: Image): Image {
  const { files: _, bare: __, ...rest } = image;
  return {
    ...rest,
    command: image.command.map((word) => atHost(image, word)),
    ...(image.workingDir !== undefined && { workingDir: atHost(image, image.workingDir) }),
  };
}

function myApi(app: string, command: readonly string[]): Image {
  return {
    command,
    workingDir: '/app',
    files: [{ source: app, target: '/app', readOnly: true }],
  };
}

/** As images for production are: the app and its Node, and no shell to look at them with. */
function distroless({ command, workingDir = '/' }: Image, app: string): Image {
  const node = '/nodejs/bin/node';
  return {
    command: [node, ...command.slice(1)],
    workingDir,
    files: [
      { source: app, target: workingDir, readOnly: true },
      { source: process.execPath, target: node, readOnly: true },
    ],
    bare: true,
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
