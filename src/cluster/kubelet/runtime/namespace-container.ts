import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, signal } from '../../launch/process-identity.ts';
import { exitOf } from './exit-status.ts';
import { hostTool, ociMissing } from './find-command.ts';
import { execInContainer } from './namespace-exec.ts';
import type { Shared } from './namespace-sandbox.ts';
import { handOver, letGo, own } from './pipes.ts';
import { privilegesOf } from './privileges.ts';
import { killDescendants, killRootedIn } from './process-tree.ts';
import { layOutRoot } from './root-filesystem.ts';
import { layOutBareRoot } from './bare-root.ts';
import {
  StartError,
  type ContainerOptions,
  type ContainerProcess,
  type ExecProcess,
  type ExitStatus,
  type SandboxOptions,
} from './runtime.ts';
import { shellFor } from './shell-for.ts';
import { isComplete, readStartReport } from './start-report.ts';
import { openTerminal, ownSession } from './terminal.ts';

type PodOfContainer = Shared & SandboxOptions & { readonly sandboxPid: number };

/** Starts a container's first process in its Pod's namespaces and a root of its own. */
export async function startContainer(
  options: ContainerOptions,
  pod: PodOfContainer,
): Promise<ContainerProcess> {
  const directory = join(pod.directory, 'containers', options.name, `${options.attempt}`);
  mkdirSync(directory, { recursive: true });
  const terminationLog = join(directory, 'termination-log');
  writeFileSync(terminationLog, '');
  // Not by the file's mode, which the umask cuts: any user may leave last words.
  chmodSync(terminationLog, 0o666);
  const own = {
    directory,
    devices: pod.devices,
    mounts: [
      ...options.mounts,
      { source: terminationLog, target: options.terminationMessagePath, readOnly: false },
    ],
    readOnly: options.security.readOnlyRoot,
  };
  const { root, fstab } = options.bare
    ? layOutBareRoot(own)
    : layOutRoot({
        ...own,
        places: pod.places,
        keepVisible: pod.toolsOf(options.env['PATH'] ?? ''),
      });
  const table = join(directory, 'fstab');
  writeFileSync(table, fstab);
  const { level } = pod;
  const toolbox = options.bare ? pod.toolbox() : undefined;
  const privileged = (diesWithParent: boolean) => {
    const words = privilegesOf(options.security, { level, diesWithParent });
    return toolbox ? toolbox.last(words) : words;
  };
  const start: Start = {
    args: [
      ...(toolbox?.opener ?? []),
      hostTool('nsenter'),
      ...enterNamespaces(options, pod),
      shellFor(options.env),
      '-c',
      ENTER,
      'sh',
      root,
      table,
      options.workingDir,
      process.env['PATH'] ?? '',
      privileged(true),
      options.cgroup ?? '',
      toolbox?.prefix ?? '',
    ],
    options,
    pod,
    directory,
    owner: ownerOf(options, pod),
  };
  const started = await (options.tty ? withTerminal(start) : withPipes(start));
  const { io, said, wrapper } = started;
  const isAlone = options.processes === 'own';
  // What the first process leaves behind ends with it, also where the kernel does not see to it.
  const exit = isAlone ? started.exit : started.exit.finally(() => killRootedIn(root));
  const pid = Number(/^pid (\d+)$/m.exec(said)?.[1]);
  if (!said.endsWith('ok\n')) {
    await exit;
    throw new StartError(startFailure(said, options));
  }
  // Ours to remove: the container sees its root through its own mounts only.
  rmdirSync(join(root, '.old'));
  const first = identify(pid);
  return {
    pid,
    ...io,
    exit,
    signal: (name) => void (first && wrapper.isAlive() && signal(first, name)),
    kill: () => {
      if (!first || !wrapper.isAlive()) return;
      // The first process of a PID namespace takes all others along; any other only itself.
      if (!isAlone) killDescendants(pid);
      signal(first, 'SIGKILL');
    },
    exec: (process) =>
      execInContainer(process, {
        pid,
        env: options.env,
        workingDir: options.workingDir,
        privileges: privileged(false),
        toolbox,
        owner: start.owner,
        pipes: pod.pipes,
      }),
    terminationMessage: () => readStart(terminationLog),
  };
}

interface Start {
  readonly args: readonly string[];
  readonly options: ContainerOptions;
  readonly pod: PodOfContainer;
  readonly directory: string;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

interface Started {
  readonly io: Pick<ContainerProcess, 'stdin' | 'stdout' | 'stderr' | 'resize'>;
  readonly exit: Promise<ExitStatus>;
  /** What the start reported, the tools' complaints included when it failed. */
  readonly said: string;
  readonly wrapper: { readonly isAlive: () => boolean };
}

function enterNamespaces(options: ContainerOptions, pod: PodOfContainer): string[] {
  const { processes } = options;
  const ns = (name: string, file = name) => `--${name}=/proc/${pod.sandboxPid}/ns/${file}`;
  const joined = [...(pod.hostNetwork ? [] : [ns('net')]), ns('uts'), ns('ipc')];
  const mounts = [hostTool('unshare'), '--mount'];
  if (processes === 'own')
    return [...joined, '--', ...mounts, '--pid', '--fork', '--kill-child', '--'];
  if (processes === 'node') return [...joined, '--', ...mounts, '--fork', '--kill-child', '--'];
  const pid =
    processes === 'pod' ? ns('pid', 'pid_for_children') : `--pid=/proc/${processes.pid}/ns/pid`;
  return [...joined, pid, '--', ...mounts, '--'];
}

async function withPipes({ args, options, pod, owner }: Start): Promise<Started> {
  const input = options.stdin ? await pod.pipes.forInput() : undefined;
  const [output, errors] = [await pod.pipes.forOutput(), await pod.pipes.forOutput()];
  const pipes = [input, output, errors];
  own(pipes, owner);
  const [file = '', ...words] = args;
  const wrapper = handOver(pipes, () =>
    spawn(file, [...words, options.command[0] ?? '', ...options.command], {
      // The wrapper's own complaints are not the container's: its stderr is handed over as 4.
      stdio: [input?.theirs ?? 'ignore', output.theirs, 'pipe', 'pipe', errors.theirs],
      env: options.env,
    }),
  );
  const exit = exitOf(wrapper);
  const complaints = textOf(wrapper);
  const report = await readStartReport(wrapper);
  if (!report.endsWith('ok\n')) letGo(pipes);
  return {
    io: { ...(input && { stdin: input.ours }), stdout: output.ours, stderr: errors.ours },
    exit: trueExit(exit, () => complaints),
    said: report.endsWith('ok\n') ? report : report + (await complaints),
    wrapper: { isAlive: () => wrapper.exitCode === null && wrapper.signalCode === null },
  };
}

/**
 * unshare wants to die as its child did, but of util-linux 2.38 fails to, of SIGKILL, with a word of
 * complaint and exit code 1.
 */
async function trueExit(
  exit: Promise<ExitStatus>,
  complaints: () => Promise<string> | string,
): Promise<ExitStatus> {
  const status = await exit;
  if (status.exitCode !== 1 || !/sigprocmask unblock failed/.test(await complaints()))
    return status;
  return { exitCode: 137, signal: 'SIGKILL' };
}

const REPORT_TO = 'exec 4>&2 3>>"$0" 2>&3 "$@"';

/** A terminal leaves no descriptor to report on: the report goes to a file. */
async function withTerminal({ args, options, directory }: Start): Promise<Started> {
  const report = join(directory, 'start-report');
  writeFileSync(report, '');
  const terminal: ExecProcess = await openTerminal({
    file: shellFor(options.env),
    args: [
      '-c',
      REPORT_TO,
      report,
      ...args,
      options.command[0] ?? '',
      ...ownSession(options.command),
    ],
    env: { TERM: 'xterm', ...options.env },
  });
  const life = { ended: false };
  const ended = terminal.exit.finally(() => (life.ended = true));
  const exit = trueExit(ended, () => readFileSync(report, 'utf8'));
  let said = readFileSync(report, 'utf8');
  while (!isComplete(said) && !life.ended) {
    await delay(5);
    said = readFileSync(report, 'utf8');
  }
  return {
    io: {
      ...(options.stdin && terminal.stdin && { stdin: terminal.stdin }),
      stdout: terminal.stdout,
      stderr: Readable.from([]),
      resize: (columns, rows) => terminal.resize(columns, rows),
    },
    exit,
    said,
    wrapper: { isAlive: () => !life.ended },
  };
}

/**
 * The container's first process, from the shell that becomes it; `$1` root `$2` fstab `$3` directory
 * `$4` our PATH `$5` privileges `$6` cgroup `$7` what goes before a tool, then the name of the command and all of what is to be run. Reports on descriptor 3; 4 is the container's stderr.
 */
const ENTER = `
read -r pid rest < /proc/self/stat
echo "pid $pid" >&3
[ -z "$6" ] || echo 0 2>&3 > "$6/cgroup.procs"
root=$1 table=$2 directory=$3 path=$PATH PATH=$4 as=$5 tool=$7
shift 7
mount --all --fstab "$table" 2>&3
cd "$root" && pivot_root . .old 2>&3 && \${tool}umount -l .old 2>&3 || exit 1
PATH=$path
cd "$directory" 2>/dev/null || { echo "no-directory" >&3; exit 1; }
command -v "$1" >/dev/null 2>&1 || { echo "no-command" >&3; exit 1; }
echo ok >&3
shift
exec 2>&4 3>&- 4>&- $as "$@"
`;

function startFailure(said: string, options: ContainerOptions): string {
  const [command = ''] = options.command;
  if (said.includes('no-command\n'))
    return `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${command}": ${ociMissing(command)}`;
  if (said.includes('no-directory\n'))
    return `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: cwd: chdir to "${options.workingDir}": no such file or directory`;
  return `the container's root filesystem could not be made: ${said.replace(/^pid \d+\n/, '').trim()}`;
}

function ownerOf({ security }: ContainerOptions, { level }: Shared): Start['owner'] {
  const { uid, gid } = security;
  if (level !== 'namespaces' || (uid === undefined && gid === undefined)) return undefined;
  return { uid: uid ?? 0, gid: gid ?? 0 };
}

async function textOf({ stderr }: ChildProcess): Promise<string> {
  let text = '';
  if (stderr) for await (const chunk of stderr) text += String(chunk);
  return text;
}

async function readStart(path: string): Promise<string> {
  await using file = await open(path).catch(() => undefined);
  if (!file) return '';
  const { bytesRead, buffer } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
  return buffer.subarray(0, bytesRead).toString();
}
