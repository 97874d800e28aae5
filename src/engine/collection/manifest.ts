import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { z } from 'zod';
import type { Target } from '../container/target.ts';
import type { manifestSchema } from './manifest-schema.ts';
import type { LocalPart } from './local-part.ts';
import { outputError } from './output-error.ts';
import type { Packing } from './packed-part.ts';
import type { RemoteFile } from './remote-file.ts';

/** What lies beside a `.part` file, so that another process on another day can go on. */
export type Manifest = z.infer<typeof manifestSchema>;

export function newManifest(
  target: Target,
  remote: RemoteFile,
  { rangeBytes, packing }: { readonly rangeBytes: number; readonly packing: Packing | undefined },
): Manifest {
  const { namespace, pod, container } = target;
  const { path, sizeBytes, version } = remote;
  return {
    version: 1,
    namespace,
    pod,
    container,
    path,
    sizeBytes,
    fileVersion: version,
    rangeBytes,
    ranges: [],
    ...(packing && { packing }),
  };
}

/** Undefined when there is none, or none that can be read. */
export async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    // Only who resumes pays for loading zod.
    const { manifestSchema: schema } = await import('./manifest-schema.ts');
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Replaces the manifest in one step: a reader sees the old or the new one. */
async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  try {
    await writeFile(`${path}.new`, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
  } catch (error) {
    await rm(`${path}.new`, { force: true }).catch(() => undefined);
    throw outputError(path, error);
  }
}

/** Writes what is verified no more often than once a second: each write is all of it. */
export class ManifestWriter implements AsyncDisposable {
  readonly #path: string;
  readonly #manifest: Manifest;
  readonly #part: LocalPart;
  #ranges: readonly string[];
  #writtenAt = -Infinity;
  #isWritten = false;

  constructor(path: string, manifest: Manifest, part: LocalPart) {
    this.#path = path;
    this.#part = part;
    this.#manifest = manifest;
    this.#ranges = manifest.ranges;
  }

  async note(ranges: readonly string[]): Promise<void> {
    this.#ranges = ranges;
    this.#isWritten = false;
    if (performance.now() - this.#writtenAt >= 1_000) await this.write();
  }

  async write(): Promise<void> {
    this.#isWritten = true;
    const { packedEnds } = this.#part;
    await writeManifest(this.#path, {
      ...this.#manifest,
      ranges: [...this.#ranges],
      ...(packedEnds && { packedEnds: [...packedEnds] }),
    });
    this.#writtenAt = performance.now();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isWritten) await this.write();
  }
}

export async function removeManifest(path: string): Promise<void> {
  await rm(path, { force: true });
  // Of a process that was killed between the two steps of a write.
  await rm(`${path}.new`, { force: true });
}

/** Whether what was begun is the beginning of this very file. */
export function isSameFile(begun: Manifest, wanted: Manifest): boolean {
  return (
    begun.namespace === wanted.namespace &&
    begun.pod === wanted.pod &&
    begun.container === wanted.container &&
    begun.path === wanted.path &&
    begun.sizeBytes === wanted.sizeBytes &&
    begun.fileVersion === wanted.fileVersion &&
    begun.packing === wanted.packing
  );
}
