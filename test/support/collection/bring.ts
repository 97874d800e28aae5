import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { collectFile, type Session } from '../../../src/engine/index.ts';
import type { Kube } from '../../../src/kube/index.ts';
import type { Box, BoxFile } from './box.ts';

type Request = Parameters<typeof collectFile>[1];

/** A directory of its own for what comes home; goes away when disposed of. */
export interface Home extends AsyncDisposable {
  readonly directory: string;
}

export async function makeHome(): Promise<Home> {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-home-'));
  return {
    directory,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Collects a file over `kube`; what it throws before it has begun is told as an error is. */
export async function bring(
  kube: Kube,
  { box, file, home }: { readonly box: Box; readonly file: BoxFile; readonly home: Home },
  more: Pick<Request, 'compress' | 'store'> & {
    readonly onEvent?: NonNullable<Parameters<typeof collectFile>[2]>['onEvent'];
  } = {},
): Promise<Told> {
  const { onEvent, ...rest } = more;
  const request = {
    ...rest,
    target: box.pod,
    namespace: box.namespace,
    path: file.path,
    output: `${home.directory}/`,
  };
  return await collectFile(kube, request, onEvent && { onEvent }).then(toldBy, (error: unknown) => {
    const { code = '', message } = error as Error & { readonly code?: string };
    return { phase: 'Failed', error: { code, message } };
  });
}

/** What a collection said of itself. */
export interface Told {
  readonly phase: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly artifact?: { readonly sha256: string; readonly verified: boolean };
}

function toldBy({ status: { phase, error, artifact } }: Session): Told {
  return { phase, ...(error && { error }), ...(artifact && { artifact }) };
}

/**
 * Whether what was said is so: `whole` (one file, its hash as in the container, nothing beside it) or
 * `failed: CODE` (no file, at most what a later run goes on from). Throws at anything else.
 */
export async function judge(told: Told, file: BoxFile, home: Home): Promise<string> {
  const { names, finished } = await namesIn(home);
  if (told.phase !== 'Succeeded') {
    const { code = '', message = '' } = told.error ?? {};
    if (finished.length > 0) throw new Error(`failed (${message}), yet there is ${names.join()}`);
    if (code === '') throw new Error(`failed without an error: ${JSON.stringify(told)}`);
    return `failed: ${code}`;
  }
  const [name] = names;
  if (name === undefined || names.length > 1) throw new Error(`succeeded with ${names.join()}`);
  const sha256 = await hashOf(join(home.directory, name));
  if (sha256 !== file.sha256) throw new Error(`CORRUPT: ${name} has ${sha256}`);
  if (told.artifact?.sha256 !== sha256 || !told.artifact.verified) {
    throw new Error(`said ${JSON.stringify(told.artifact)} of ${sha256}`);
  }
  return 'whole';
}

/** What lies in a home, and what of it has come whole, by its name. */
export async function namesIn({
  directory,
}: Home): Promise<Record<'names' | 'finished', string[]>> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.'));
  const isFinished = (name: string) => !/\.part(\.json|\.json\.new|\.lock)?$/.test(name);
  return { names, finished: names.filter((name) => isFinished(name)) };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** How many cases came to which end, and what went wrong in those that came to none. */
export class Tally {
  readonly problems: string[] = [];
  readonly #counts = new Map<string, number>();

  add(outcome: string): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }

  /** Counts what `work` answers; what it throws is a problem of that case. */
  async run(what: string, work: () => Promise<string>): Promise<void> {
    try {
      this.add(await work());
    } catch (error) {
      this.problems.push(`${what}: ${(error as Error).message}`);
    }
  }

  toString(): string {
    const counts = [...this.#counts].map(([outcome, count]) => `${count} ${outcome}`);
    return [...counts, `${this.problems.length} wrong`].join(', ');
  }
}
