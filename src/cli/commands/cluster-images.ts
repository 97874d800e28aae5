import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Image, ImageCatalogue } from '../../cluster/index.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { ClusterFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { renderTable } from '../render/table.ts';
import { UsageError } from '../usage-error.ts';

const formatHint = 'see what an image may say: kubectl pitstop cluster images --help';

interface SetFlags extends ClusterFlags {
  readonly env?: readonly string[];
  readonly workdir?: string;
  readonly runAs?: string;
  readonly mount?: readonly string[];
}

/** All images of a running cluster, by name. */
export async function listImages(io: Io, flags: ClusterFlags): Promise<ExitCode> {
  const { images } = await reach(flags);
  const catalogue = Object.entries(await images.list()).toSorted(([a], [b]) => a.localeCompare(b));
  switch (flags.output) {
    case 'json':
    case 'yaml':
      await printDocument(io, flags.output, Object.fromEntries(catalogue));
      break;
    case 'name':
      for (const [name] of catalogue) io.stdout.write(`image/${name}\n`);
      break;
    case 'wide':
    case undefined:
      io.stdout.write(
        renderTable(
          ['IMAGE', 'COMMAND', 'FILES'],
          catalogue.map(([name, image]) => [name, commandOf(image), filesOf(image)]),
        ),
      );
  }
  return exitCodes.done;
}

/** Adds or replaces one image. */
export async function setImage(
  io: Io,
  name: string,
  command: readonly string[] | undefined,
  flags: SetFlags,
): Promise<ExitCode> {
  const { parseImage } = await import('../../cluster/index.ts');
  const image = await parseImage({
    command: command ?? [],
    ...(flags.env && { env: Object.fromEntries(flags.env.map(variable)) }),
    ...(flags.workdir !== undefined && { workingDir: flags.workdir }),
    ...(flags.runAs !== undefined && { user: flags.runAs }),
    ...(flags.mount && { files: flags.mount.map(mount) }),
  }).catch((error: Error) => {
    throw new UsageError(`${name}: ${error.message}`, formatHint);
  });
  const { images } = await reach(flags);
  await images.set(name, image);
  io.stderr.write(`image/${name} set\n`);
  return exitCodes.done;
}

/** Adds or replaces the images of a file; a bad one changes nothing. */
export async function loadImages(io: Io, file: string, flags: ClusterFlags): Promise<ExitCode> {
  const catalogue = await readImages(file);
  const { images } = await reach(flags);
  for (const [name, image] of Object.entries(catalogue)) {
    await images.set(name, image);
    io.stderr.write(`image/${name} set\n`);
  }
  return exitCodes.done;
}

export async function removeImage(io: Io, name: string, flags: ClusterFlags): Promise<ExitCode> {
  const { images } = await reach(flags);
  await images.remove(name);
  io.stderr.write(`image/${name} removed\n`);
  return exitCodes.done;
}

/** The images of a YAML or JSON file; throws `UsageError` that names the image and the field. */
export async function readImages(file: string): Promise<ImageCatalogue> {
  const { parseImage } = await import('../../cluster/index.ts');
  const { parse } = await import('yaml');
  const words = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`${file} cannot be read: ${error.message}`, formatHint);
  });
  let value: unknown;
  try {
    value = parse(words);
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    throw new UsageError(`${file} is neither YAML nor JSON: ${line}`, formatHint);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${file}: must map names of images to what they run`, formatHint);
  const images: Record<string, Image> = {};
  for (const [name, image] of Object.entries(value)) {
    try {
      images[name] = await parseImage(image);
    } catch (error) {
      throw new UsageError(`${file}: ${name}: ${(error as Error).message}`, formatHint);
    }
  }
  return images;
}

async function reach({ name }: ClusterFlags) {
  const { reachCluster } = await import('../../cluster/index.ts');
  return await reachCluster(name);
}

function variable(word: string): [string, string] {
  const equals = word.indexOf('=');
  if (equals > 0) return [word.slice(0, equals), word.slice(equals + 1)];
  throw new UsageError(`--env=${word} names no value`, 'write it as --env=NAME=VALUE');
}

function mount(word: string): object {
  const [source, target, mode, ...rest] = word.split(':');
  if (!source || !target?.startsWith('/') || (mode ?? 'ro') !== 'ro' || rest.length > 0) {
    throw new UsageError(
      `--mount=${word} cannot be understood`,
      'write it as --mount=SOURCE:/TARGET or --mount=SOURCE:/TARGET:ro',
    );
  }
  if (!existsSync(source)) {
    throw new UsageError(`--mount=${word}: ${resolve(source)} does not exist`, 'make it first');
  }
  return { source: resolve(source), target, readOnly: mode === 'ro' };
}

function commandOf({ command, args = [] }: Image): string {
  const words = [...command, ...args].join(' ');
  const line = words === '' ? '<any program of this machine>' : words;
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function filesOf({ files = [] }: Image): string {
  return files.map(({ target }) => target).join(',') || '<none>';
}
