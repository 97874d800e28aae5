import { spawn } from 'node:child_process';
import { hostTool, ociMissing } from './find-command.ts';
import { exitOf } from './exit-status.ts';
import { killDescendants } from './process-tree.ts';
import { handOver, letGo, own, type PipePool } from './pipes.ts';
import { StartError, type ExecProcess, type ProcessOptions } from './runtime.ts';
import { shellFor } from './shell-for.ts';
import { readStartReport } from './start-report.ts';
import { openTerminal, ownSession } from './terminal.ts';
import type { Toolbox } from './toolbox.ts';

interface Target {
  /** The container's first process, seen from here. */
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  /** Runs the rest of a command line with the container's privileges; empty: with ours. */
  readonly privileges: string;
  /** Of the user it runs as, for the pipes it is given. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  readonly pipes: PipePool;
  /** Where the container's own root has no shell. */
  readonly toolbox?: Toolbox | undefined;
}

/**
 * Runs a command in a container: in all its namespaces (the JVM's attach checks need the same view
 * of users, mounts and PIDs), with its environment and directory, in a session of its own.
 */
export async function execInContainer(
  options: ProcessOptions,
  target: Target,
): Promise<ExecProcess> {
  return options.tty ? withTerminal(options, target) : withPipes(options, target);
}

async function withPipes(
  options: ProcessOptions,
  target: Target,
  script = RUN,
): Promise<ExecProcess> {
  const input = options.stdin ? await target.pipes.forInput() : undefined;
  const [output, errors] = [await target.pipes.forOutput(), await target.pipes.forOutput()];
  const pipes = [input, output, errors];
  own(pipes, target.owner);
  const [file = '', ...args] = [...enter(target), ...shell(script, options.command, target)];
  const child = handOver(pipes, () =>
    spawn(file, args, {
      stdio: [input?.theirs ?? 'ignore', output.theirs, errors.theirs, 'pipe'],
      env: target.env,
      detached: true,
    }),
  );
  const exit = exitOf(child);
  const said = await readStartReport(child);
  if (said !== 'ok\n') {
    await exit;
    letGo(pipes);
    throw new StartError(startFailure(said, options));
  }
  return {
    ...(input && { stdin: input.ours }),
    stdout: output.ours,
    stderr: errors.ours,
    exit,
    resize: () => {},
    kill: () => child.pid !== undefined && killDescendants(child.pid),
  };
}

async function withTerminal(options: ProcessOptions, target: Target): Promise<ExecProcess> {
  // A terminal leaves no descriptor to report on, so the command is looked for beforehand.
  const look = await withPipes({ ...options, stdin: false }, target, LOOK);
  look.stdout.resume();
  look.stderr?.resume();
  await look.exit;
  const command = target.toolbox ? options.command : ownSession(options.command);
  const [file = '', ...args] = [...enter(target), ...shell(RUN_TTY, command, target)];
  return openTerminal({ file, args, env: { TERM: 'xterm', ...target.env } });
}

function enter({ pid, toolbox }: Target): string[] {
  const all = ['--mount', '--uts', '--ipc', '--net', '--pid'];
  return [...(toolbox?.opener ?? []), hostTool('nsenter'), '--target', `${pid}`, ...all, '--'];
}

function shell(script: string, command: readonly string[], target: Target): string[] {
  const { toolbox, env, workingDir, privileges } = target;
  const own = toolbox?.shell ?? [shellFor(env)];
  return [...own, '-c', script, 'sh', workingDir, privileges, ...command];
}

// The privileges are words without spaces or quotes.
const RUN_TTY = 'cd "$1" && as=$2 && shift 2 && exec $as "$@"';
const RUN = `
cd "$1" || exit 1
as=$2
shift 2
command -v "$1" >/dev/null 2>&1 || { echo no-command >&3; exit 127; }
echo ok >&3
exec 3>&- $as "$@"
`;
/** Says what RUN would, and runs nothing. */
const LOOK = `
cd "$1" || exit 1
command -v "$3" >/dev/null 2>&1 || { echo no-command >&3; exit 127; }
echo ok >&3
`;

function startFailure(said: string, options: ProcessOptions): string {
  const [command = ''] = options.command;
  const why = said.endsWith('no-command\n')
    ? `exec: "${command}": ${ociMissing(command)}`
    : 'the container has stopped';
  return `OCI runtime exec failed: exec failed: unable to start container process: ${why}`;
}
