import { randomUUID } from 'node:crypto';
import { PitstopError } from '../../errors.ts';
import { runDetached, type DetachedRun } from '../../container/run-detached.ts';
import { runScript } from '../../container/shell.ts';
import { reach } from '../../container/target.ts';
import { makeWorkDirectory, type WorkDirectory } from '../../container/work-directory.ts';
import { writeFile } from '../../container/write-file.ts';
import type { DiagnosticContext } from '../diagnostic.ts';
import { speakerClass } from './attach/speakers.ts';
import { speakerClassFile } from './attach/speaker-class.ts';
import { describeJvm, type Jvm } from './jvm.ts';
import { untilLetGo } from './let-go.ts';
import { isSpeaking, nameOf, sayWords, toolWords, type Way } from './way.ts';

/** A JVM that is being talked to, and the directory in its container for what comes of it. */
export interface Visit {
  readonly context: DiagnosticContext;
  readonly jvm: Jvm;
  readonly way: Way;
  readonly directory: WorkDirectory;
}

/** What to run: diagnostic commands, or the arguments of the older tool where that is the way. */
export interface Saying {
  readonly commands: readonly string[];
  readonly args?: readonly string[] | undefined;
  /** What is being done, for people. */
  readonly message: string;
  /** Absolute path of the file that grows; absent = the answer itself. */
  readonly watch?: string;
  readonly totalBytes?: number;
}

/** A JVM that is not idle answers in milliseconds; `jcmd` on a busy node takes seconds to start. */
const answerMs = 40_000;

/**
 * Does `work` in a directory of its own. When that fails, the directory is removed, and so is what an
 * attaching that was cut short has left.
 */
export async function visit<T>(
  subject: Pick<Visit, 'context' | 'jvm' | 'way'>,
  {
    neededBytes,
    jvmWrites = false,
  }: { readonly neededBytes?: number; readonly jvmWrites?: boolean },
  work: (visit: Visit) => Promise<T>,
): Promise<T> {
  const { context, jvm, way } = subject;
  const { uid, gid } = jvm.process;
  const needsClass = way.kind === 'attach' && way.speaker.name === 'java';
  const directory = await makeWorkDirectory(context, {
    ...((jvmWrites || needsClass) && { owner: { uid, gid } }),
    neededBytes,
  });
  try {
    if (needsClass) await bringSpeaker(context, directory);
    return await work({ ...subject, directory });
  } catch (error) {
    if (jvmWrites) await untilLetGo(context, jvm, directory.path).catch(() => undefined);
    await removeTrigger(subject).catch(() => undefined);
    await directory.remove().catch(() => undefined);
    throw error;
  }
}

async function bringSpeaker(
  { target, signal }: DiagnosticContext,
  { path }: WorkDirectory,
): Promise<void> {
  const file = `${path}/${speakerClass}.class`;
  await writeFile({ target, signal }, file, speakerClassFile);
  await runScript(target, 'chmod 644 "$1"', [reach(target, file)], { signal });
}

/** What a tool that was killed while it attached did not remove itself. */
async function removeTrigger({ context, jvm }: Pick<Visit, 'context' | 'jvm'>): Promise<void> {
  const { process, ownPid, asUser } = jvm;
  const name = `.attach_pid${ownPid}`;
  await runScript(
    context.target,
    '"$@"',
    [
      ...asUser,
      'rm',
      '-f',
      `/proc/${process.pid}/cwd/${name}`,
      reach(context.target, `/tmp/${name}`),
    ],
    { signal: AbortSignal.timeout(15_000) },
  );
}

/**
 * What the JVM answers to questions (one a line) that cost it nothing; where the last is refused, what
 * matches `enough` will do. Throws `diagnostic-timeout` when it does
 * not in time, and `diagnostic-failed` when it cannot be talked to.
 */
export async function ask(visit: Visit, command: string, enough?: RegExp): Promise<string> {
  const { context, jvm, way, directory } = visit;
  const { target, signal } = context;
  // One detached run a directory; all of them go with the visit's.
  const path = `${directory.path}/question-${randomUUID().slice(0, 8)}`;
  await runScript(target, 'mkdir "$1"', [reach(target, path)], { signal });
  const timeoutMs = Math.min(answerMs, context.timeoutMs);
  try {
    const ran = await runDetached(
      { ...context, timeoutMs },
      {
        argv: words(visit, { commands: [command], message: '' }),
        directory: { ...directory, path },
        watch: `${path}/stdout`,
        onSize: () => context.onProgress({ message: `the JVM is asked by ${nameOf(way)}` }),
      },
    );
    if (ran.exitCode !== 0 && !enough?.test(ran.stdout)) {
      throw refused(visit, ran, `could not be asked ${command.split(' ')[0]}`);
    }
    return ran.stdout;
  } catch (error) {
    if (!(error instanceof PitstopError) || error.code !== 'diagnostic-timeout') throw error;
    throw new PitstopError(
      'diagnostic-timeout',
      `the JVM, ${describeJvm(jvm)}, did not answer ${nameOf(way)} in ${timeoutMs / 1000} s: it hangs, or does not come to a safepoint; nothing more was asked of it`,
      {
        cause: error,
        hint: `where ptrace is allowed, its threads can be read without its help: run POD -- jhsdb jstack --pid ${jvm.process.pid}`,
      },
    );
  }
}

/** Has it done, for as long as the diagnostic may take. */
export async function say(visit: Visit, saying: Saying): Promise<DetachedRun> {
  const { context, directory } = visit;
  const { message, watch = `${directory.path}/stdout`, totalBytes } = saying;
  const argv = words(visit, saying);
  try {
    return await runDetached(context, {
      argv,
      directory,
      watch,
      onSize: (doneBytes) =>
        context.onProgress({
          message,
          doneBytes,
          ...(totalBytes !== undefined && { totalBytes: Math.max(totalBytes, doneBytes) }),
        }),
    });
  } catch (error) {
    // The words begin with whatever runs the tool.
    const [program = ''] = argv;
    if (!(error instanceof PitstopError) || !error.message.startsWith(`${program} `)) throw error;
    const told = `${nameOf(visit.way)}${error.message.slice(program.length)}`;
    throw new PitstopError(error.code, told, { hint: error.hint, cause: error });
  }
}

function words({ jvm, way, context, directory }: Visit, saying: Saying): readonly string[] {
  if (!isSpeaking(way)) return toolWords(jvm, way, saying.args ?? []);
  const { target } = context;
  return sayWords(jvm, way, saying.commands.join('\n'), { target, folder: directory.path });
}

/** `diagnostic-failed` in the tool's and the JVM's own words. */
export function refused(
  { context: { target }, jvm, way }: Visit,
  { stdout, stderr, exitCode }: DetachedRun,
  what: string,
): PitstopError {
  const said = [stdout.trim(), stderr.trim()].filter((text) => text !== '').join('\n');
  return new PitstopError(
    'diagnostic-failed',
    `the JVM (pid ${jvm.process.pid}) in pod ${target.namespace}/${target.pod} ${what} (${nameOf(way)}, exit code ${exitCode}); it said:\n${said || '(nothing)'}`,
  );
}

/** diagnosticArgument.cpp: a word ends at a blank unless it is quoted. */
export function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `"${path}"`;
}
