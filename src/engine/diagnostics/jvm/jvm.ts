import type { Detection, DiagnosticContext } from '../diagnostic.ts';
import type { TargetProcess } from '../../container/target.ts';
import { runScript } from '../../container/shell.ts';
import { findProcesses, largest, type ContainerProcess } from '../../container/processes.ts';

/** A JVM in the container that its own tools can attach to. */
export interface Jvm {
  readonly process: ContainerProcess;
  /** Absolute path of each JDK tool that the container has. */
  readonly tools: Readonly<Partial<Record<JdkTool, string>>>;
  readonly execUid: number;
}

export type JdkTool = 'jcmd' | 'jmap' | 'jstack';

type Found = { readonly jvm: Jvm } | { readonly reason: string };

const sigquit = 3;

/** Finds the JVM to work on, or says why there is none that can be attached to. */
export async function findJvm(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  wanted: readonly JdkTool[],
): Promise<Found> {
  const { execUid, processes } = await findProcesses(target, signal);
  const process = largest(processes.filter(({ runtime }) => runtime === 'jvm'));
  if (!process) return { reason: 'no JVM runs in the container' };
  const obstacle = attachObstacle(process, execUid);
  if (obstacle) return { reason: obstacle };
  const { stdout } = await runScript(target, findToolsScript, [process.executable], { signal });
  const tools = Object.fromEntries(
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(line.lastIndexOf('/') + 1), line]),
  ) as Jvm['tools'];
  if (!wanted.some((tool) => tools[tool])) {
    return {
      reason: `a JVM runs (pid ${process.pid}), but neither ${wanted.join(' nor ')} is in the container (a JRE image)`,
    };
  }
  return { jvm: { process, tools, execUid } };
}

const findToolsScript = `
for tool in jcmd jmap jstack; do
  found=$(command -v $tool 2>/dev/null)
  for folder in "\${1%/*}" "\${1%/*}/../../bin" "$JAVA_HOME/bin"; do
    [ -z "$found" ] && [ -x "$folder/$tool" ] && found=$folder/$tool
  done
  [ -n "$found" ] && echo "$found"
done
exit 0
`;

/** Why attaching must not be tried, from what /proc tells; undefined when it may. */
export function attachObstacle(process: ContainerProcess, execUid: number): string | undefined {
  const { pid, uid, argv, caughtSignals } = process;
  // attachListener_posix.cpp: the VM answers its own user and root.
  if (execUid !== 0 && execUid !== uid) {
    return `the JVM (pid ${pid}) runs as uid ${uid} and exec as uid ${execUid}: it would not answer`;
  }
  if (argv.includes('-XX:+DisableAttachMechanism')) {
    return `the JVM (pid ${pid}) was started with -XX:+DisableAttachMechanism`;
  }
  // Attaching begins with a SIGQUIT, which ends a process that has no handler for it.
  if (!caughtSignals.includes(sigquit)) {
    return `the JVM (pid ${pid}) does not handle SIGQUIT (-Xrs?): attaching would end it`;
  }
  return undefined;
}

/** What a diagnostic found, in the words of the catalogue. */
export function detected({ process, tools }: Jvm, preference: readonly JdkTool[]): Detection {
  const tool = preference.find((name) => tools[name]) ?? '';
  const { pid, uid, command } = process;
  const found: TargetProcess = { pid, uid, command };
  return { works: true, tool, process: found, detail: `${tool} on pid ${pid} (${command})` };
}

/**
 * The command line of a JDK tool, run as the JVM's own user when exec is root and the container can
 * switch: JVMs before 11 answer nobody else.
 */
export function toolCommand(
  { process, tools, execUid }: Jvm,
  tool: JdkTool,
  args: readonly string[],
): readonly string[] {
  const path = tools[tool] ?? tool;
  if (execUid !== 0 || process.uid === 0) return [path, ...args];
  const { uid, gid } = process;
  const asUser = `if command -v setpriv >/dev/null 2>&1; then exec setpriv --reuid ${uid} --regid ${gid} --clear-groups "$@"; else exec "$@"; fi`;
  return ['sh', '-c', asUser, 'sh', path, ...args];
}

/** Bytes of heap in use, from GC.heap_info; undefined when the JVM does not tell in time. */
export async function readHeapUsed(
  jvm: Jvm,
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
): Promise<number | undefined> {
  if (!jvm.tools.jcmd) return undefined;
  const argv = toolCommand(jvm, 'jcmd', [String(jvm.process.pid), 'GC.heap_info']);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(20_000)]);
  try {
    const { stdout, exitCode } = await runScript(
      target,
      'if command -v timeout >/dev/null 2>&1; then exec timeout 15 "$@"; else exec "$@"; fi',
      argv,
      { signal: limited },
    );
    return exitCode === 0 ? parseHeapUsed(stdout) : undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (limited.aborted) return undefined;
    throw error;
  }
}

/** Adds up the `used` of every space of GC.heap_info; Metaspace is no heap. */
export function parseHeapUsed(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
  let total: number | undefined;
  for (const line of text.split('\n')) {
    if (/metaspace|class space/i.test(line)) continue;
    const [, number, unit = ''] =
      /\bused (\d+)([KMG])/.exec(line) ?? / (\d+)([KMG]) used\b/.exec(line) ?? [];
    if (number !== undefined) total = (total ?? 0) + Number(number) * (units[unit] ?? 1);
  }
  return total;
}
