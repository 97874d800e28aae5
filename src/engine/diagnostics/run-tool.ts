import { runDetached } from '../container/run-detached.ts';
import type { ContainerProcess } from '../container/processes.ts';
import { runScript } from '../container/shell.ts';
import { reach } from '../container/target.ts';
import { makeWorkDirectory } from '../container/work-directory.ts';
import { PitstopError } from '../errors.ts';
import { artifactOf, keepOnly } from './artifact-file.ts';
import type { ArtifactFormat, DiagnosticContext, DiagnosticOutcome } from './diagnostic.ts';

interface ToolRun {
  /** What it is run on; the work directory is its user's. */
  readonly process: ContainerProcess;
  /** The command line; `directory` is as the container's own processes see it. */
  readonly argv: (directory: string) => readonly string[];
  /** File name of the artifact; what the tool prints is the artifact where `printed`. */
  readonly file: string;
  readonly printed?: boolean;
  readonly format: ArtifactFormat;
  readonly neededBytes?: number;
  readonly message: string;
  /** Why what the tool said means that it failed, although it may have exited with 0. */
  readonly judge?: (said: string) => string | undefined;
  /** A script whose success says that the file (`$1`) is whole, whatever the judgement was. */
  readonly wholeScript?: string;
}

/** Runs a tool of the container on a process; its file, or what it prints, is the artifact. */
export async function runTool(
  context: DiagnosticContext,
  { process, argv, file, printed, format, neededBytes, message, judge, wholeScript }: ToolRun,
): Promise<DiagnosticOutcome> {
  const { uid, gid, pid } = process;
  const directory = await makeWorkDirectory(context, { owner: { uid, gid }, neededBytes });
  try {
    const name = printed ? 'stdout' : file;
    const path = `${directory.path}/${name}`;
    const command = argv(directory.path);
    const { exitCode, stdout, stderr } = await runDetached(context, {
      argv: command,
      directory,
      watch: path,
      onSize: (doneBytes) => context.onProgress({ message, doneBytes }),
    });
    // Where it is judged, what it prints is the answer of a protocol, and not for people.
    const words = judge && exitCode === 0 ? '' : stdout.trim();
    const said = [printed ? '' : words, stderr.trim()].filter(Boolean).join('\n');
    const reason = exitCode === 0 ? judge?.(stdout.trim()) : undefined;
    const extension = file.slice(file.indexOf('.'));
    const artifact = await artifactOf(context, path, { format, extension });
    const isJudged =
      reason !== undefined && !(artifact && (await isWhole(context, path, wholeScript)));
    if (!artifact || exitCode !== 0 || isJudged) {
      throw new PitstopError(
        'diagnostic-failed',
        `nothing came of pid ${pid} in pod ${context.target.namespace}/${context.target.pod} (exit code ${exitCode}): ${[reason, said || words].filter(Boolean).join('; ') || '(nothing was said)'}`,
      );
    }
    await keepOnly(context, directory.path, name);
    return { exitCode, artifact };
  } catch (error) {
    await directory.remove().catch(() => undefined);
    throw error;
  }
}

async function isWhole(
  { target, signal }: DiagnosticContext,
  path: string,
  script: string | undefined,
): Promise<boolean> {
  if (script === undefined) return false;
  return (await runScript(target, script, [reach(target, path)], { signal })).exitCode === 0;
}
