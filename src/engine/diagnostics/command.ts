import { PitstopError } from '../errors.ts';
import { artifactOf, keepOnly } from './artifact-file.ts';
import { runScript } from '../container/shell.ts';
import type {
  Diagnostic,
  DiagnosticContext,
  DiagnosticOutcome,
  RemoteArtifact,
} from './diagnostic.ts';
import { runDetached } from '../container/run-detached.ts';
import { smallPreflight } from './small-preflight.ts';
import { makeWorkDirectory, type WorkDirectory } from '../container/work-directory.ts';

/** Stands for the session's own directory in the container, in arguments and in `collectPath`. */
const directoryWord = '@DIR';

/** Any command; its file or its output is the artifact, its exit code is kept and judges nothing. */
export const command: Diagnostic = {
  name: 'command',
  summary: 'any command (run POD -- COMMAND…); @DIR is a directory of its own in the container',
  automatic: false,
  async detect({ command: argv = [], target, signal }) {
    const [program] = argv;
    if (program === undefined) {
      return { works: false, reason: 'no command was given (run POD -- COMMAND…)' };
    }
    const { exitCode } = await runScript(target, 'command -v -- "$1" >/dev/null', [program], {
      signal,
    });
    return exitCode === 0
      ? { works: true, tool: program, detail: argv.join(' ') }
      : { works: false, reason: `${program} is not in the container` };
  },
  preflight: (context) => smallPreflight(context, 'what a command writes is not known'),
  async run(context) {
    const directory = await makeWorkDirectory(context);
    try {
      return await runIn(context, directory);
    } catch (error) {
      await directory.remove().catch(() => undefined);
      throw error;
    }
  },
};

async function runIn(
  context: DiagnosticContext,
  directory: WorkDirectory,
): Promise<DiagnosticOutcome> {
  const { command: argv = [], collectPath } = context;
  const inDirectory = (word: string) => word.replaceAll(directoryWord, directory.path);
  const wanted =
    collectPath === undefined ? undefined : await absolute(context, inDirectory(collectPath));
  const existed = wanted !== undefined && (await artifactOf(context, wanted, file)) !== undefined;
  const { exitCode, stdout } = await runDetached(context, {
    argv: argv.map(inDirectory),
    directory,
    watch: wanted ?? `${directory.path}/stdout`,
    merge: true,
    onSize: (doneBytes) => context.onProgress({ message: `${argv[0]} runs`, doneBytes }),
  });
  if (wanted === undefined) {
    const path = `${directory.path}/stdout`;
    const artifact = await artifactOf(context, path, { format: 'text', extension: '.txt' });
    if (artifact) await keepOnly(context, directory.path, 'stdout');
    else await directory.remove();
    return artifact ? { exitCode, artifact } : { exitCode };
  }
  const artifact = await artifactOf(context, wanted, { ...kindOf(wanted), removable: !existed });
  if (!artifact) {
    throw new PitstopError(
      'diagnostic-failed',
      `${argv[0]} exited with code ${exitCode} and left no file ${wanted}; it said:\n${stdout.trim() || '(nothing)'}`,
    );
  }
  const isInside = wanted.startsWith(`${directory.path}/`);
  if (isInside)
    await keepOnly(
      context,
      directory.path,
      wanted.slice(directory.path.length + 1).split('/')[0] ?? '',
    );
  else await directory.remove();
  return { exitCode, artifact };
}

const file = { format: 'file', extension: '' } as const;

/** What a file is by its name; its content is looked at when it is home. */
export function kindOf(path: string): Pick<RemoteArtifact, 'format' | 'extension'> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const extension = /\.[^.]+$/.exec(name)?.[0] ?? '';
  if (extension === '.hprof') return { format: 'hprof', extension };
  if (extension === '.heapsnapshot') return { format: 'heapsnapshot', extension };
  return { format: ['.txt', '.log'].includes(extension) ? 'text' : 'file', extension };
}

async function absolute({ target, signal }: DiagnosticContext, path: string): Promise<string> {
  if (path.startsWith('/')) return path;
  const { stdout } = await runScript(target, 'pwd', [], { signal });
  return `${stdout.trim().replace(/\/$/, '')}/${path}`;
}
