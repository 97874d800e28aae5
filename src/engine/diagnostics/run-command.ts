import { runDetached } from '../container/run-detached.ts';
import { reach } from '../container/target.ts';
import { makeWorkDirectory, type WorkDirectory } from '../container/work-directory.ts';
import { PitstopError } from '../errors.ts';
import { artifactOf, keepOnly } from './artifact-file.ts';
import type { DiagnosticContext, DiagnosticOutcome, RemoteArtifact } from './diagnostic.ts';
import { artifactOfMatches, findMatches } from './matches.ts';

export interface CommandRun {
  /** `@DIR` in them stands for the session's own directory in the container. */
  readonly argv: readonly string[];
  /** Paths and patterns of the shell's, `@DIR` in them too; without any, the output is the artifact. */
  readonly collect: readonly string[];
  /** What the artifact is; absent = what its name tells. */
  readonly kind?: Partial<Pick<RemoteArtifact, 'format' | 'extension'>> | undefined;
  readonly neededBytes?: number | undefined;
  /** What else stands for something, besides `@DIR`. */
  readonly words?: Readonly<Record<string, string>> | undefined;
}

/**
 * Runs a command in the container, and finds what it left: files, or else its output. Its exit code
 * is kept and judges nothing. Throws `diagnostic-failed` when nothing matches what it was to leave.
 */
export async function runCommand(
  context: DiagnosticContext,
  run: CommandRun,
): Promise<DiagnosticOutcome> {
  const directory = await makeWorkDirectory(context, { neededBytes: run.neededBytes });
  try {
    return await runIn(context, run, directory);
  } catch (error) {
    await directory.remove().catch(() => undefined);
    throw error;
  }
}

async function runIn(
  context: DiagnosticContext,
  { argv, collect, kind, words = {} }: CommandRun,
  directory: WorkDirectory,
): Promise<DiagnosticOutcome> {
  const [program = ''] = argv;
  // Its own tools see the container's files where we see them.
  const seen = { ...words, '@DIR': reach(context.target, directory.path) };
  const wanted = collect.map((pattern) =>
    replaceWords(pattern, { ...words, '@DIR': directory.path }),
  );
  const before = new Set((await findMatches(context, wanted)).map(({ path }) => path));
  const { exitCode, stdout } = await runDetached(context, {
    argv: argv.map((word) => replaceWords(word, seen)),
    directory,
    watch: wanted.find((pattern) => !/[*?[]/.test(pattern)) ?? `${directory.path}/stdout`,
    merge: true,
    onSize: (doneBytes) => context.onProgress({ message: `${program} runs`, doneBytes }),
  });
  const said = stdout.trim();
  if (wanted.length === 0) {
    const path = `${directory.path}/stdout`;
    const text = { format: 'text', extension: '.txt', ...kind } as const;
    const artifact = await artifactOf(context, path, text);
    if (artifact) await keepOnly(context, directory.path, ['stdout']);
    else await directory.remove();
    return artifact ? { exitCode, said, artifact } : { exitCode, said };
  }
  // The shell's own files are none of what it left: a pattern such as @DIR/* would find them too.
  const own = ['stdout', 'stderr', 'pid', 'exit', 'started'].map(
    (name) => `${directory.path}/${name}`,
  );
  const matches = (await findMatches(context, wanted)).filter(({ path }) => !own.includes(path));
  const removable = matches.every(({ path }) => !before.has(path));
  const artifact = artifactOfMatches(matches, { removable, kind });
  if (!artifact) {
    throw new PitstopError(
      'diagnostic-failed',
      `${program} exited with code ${exitCode} and left no file ${wanted.join(' or ')}; it said:\n${said || '(nothing)'}`,
    );
  }
  const inside = matches.flatMap(({ path }) =>
    path.startsWith(`${directory.path}/`) ? [path.slice(directory.path.length + 1)] : [],
  );
  const isWhole = matches.some(({ path }) => path === directory.path);
  if (isWhole) await keepOnly(context, directory.path, undefined);
  else if (inside.length === 0) await directory.remove();
  else await keepOnly(context, directory.path, [...new Set(inside.map(topOf))]);
  return { exitCode, said, artifact };
}

function topOf(path: string): string {
  return path.split('/')[0] ?? '';
}

/** `@DIR` in `user@DIRECTORY` is no word of ours. */
function replaceWords(text: string, words: Readonly<Record<string, string>>): string {
  return text.replaceAll(/@[A-Z]+(?![A-Za-z0-9_])/g, (word) => words[word] ?? word);
}
