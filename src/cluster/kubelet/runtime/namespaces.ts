import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Level } from '../../network/index.ts';
import { execInContainer } from './namespace-exec.ts';
import { prepareDevices, releaseDevices } from './devices.ts';
import { exitOf } from './exit-status.ts';
import { PodRelay } from './pod-relay.ts';
import { hostTool, ociMissing } from './find-command.ts';
import { PipePool } from './pipes.ts';
import { layOutRoot } from './root-filesystem.ts';
import { readStartReport } from './start-report.ts';
import {
  StartError,
  type ContainerOptions,
  type ContainerProcess,
  type Runtime,
  type Sandbox,
  type SandboxOptions,
} from './runtime.ts';

/**
 * Containers with mount and PID namespaces of their own, in a Pod with network, UTS and IPC
 * namespaces of its own. Needs util-linux and a process that may make namespaces (root of its own
 * user namespace is enough).
 */
export async function openNamespaces(directory: string, level: Level): Promise<Runtime> {
  const devices = join(directory, 'dev');
  await prepareDevices(devices);
  const pipes = new PipePool();
  return {
    level,
    createSandbox: (options) => createSandbox(options, { devices, pipes }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([pipes[Symbol.asyncDispose](), releaseDevices(devices)]);
    },
  };
}

interface Shared {
  readonly devices: string;
  readonly pipes: PipePool;
}

async function createSandbox(options: SandboxOptions, shared: Shared): Promise<Sandbox> {
  const holder = spawn(
    'unshare',
    ['--net', '--uts', '--ipc', 'sh', '-c', HOLD, 'sh', options.hostname],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '' } },
  );
  const gone = ended(holder);
  const said = await readStartReport(holder);
  if (said !== 'ok\n' || holder.pid === undefined) {
    const why = (await readAll(holder.stderr as NodeJS.ReadableStream)).trim();
    throw new Error(`cannot make the Pod's namespaces: ${why || 'unshare did not start'}`);
  }
  const { pid } = holder;
  const relay = new PodRelay({ pid, directory: options.directory });
  return {
    pid,
    gone,
    start: (container) => startContainer(container, { ...shared, ...options, sandboxPid: pid }),
    connect: (port) => relay.connect(port),
    [Symbol.asyncDispose]: async () => {
      await relay[Symbol.asyncDispose]();
      holder.kill('SIGKILL');
      await gone;
    },
  };
}

const HOLD = 'hostname "$1"; echo ok >&3; exec 3>&-; exec sleep infinity';

async function startContainer(
  options: ContainerOptions,
  pod: Shared & SandboxOptions & { readonly sandboxPid: number },
): Promise<ContainerProcess> {
  const directory = join(pod.directory, 'containers', options.name, `${options.attempt}`);
  mkdirSync(directory, { recursive: true });
  const terminationLog = join(directory, 'termination-log');
  writeFileSync(terminationLog, '', { mode: 0o666 });
  const { root, fstab } = layOutRoot({
    directory,
    devices: pod.devices,
    mounts: [
      ...options.mounts,
      { source: terminationLog, target: options.terminationMessagePath, readOnly: false },
    ],
    keepVisible: hostPaths(options.env['PATH'] ?? ''),
  });
  const table = join(directory, 'fstab');
  writeFileSync(table, fstab);

  const input = options.stdin ? await pod.pipes.forInput() : undefined;
  const [output, errors] = [await pod.pipes.forOutput(), await pod.pipes.forOutput()];
  const ns = (name: string) => `--${name}=/proc/${pod.sandboxPid}/ns/${name}`;
  const tools = process.env['PATH'] ?? '';
  const wrapper = spawn(
    hostTool('nsenter'),
    [ns('net'), ns('uts'), ns('ipc'), '--', hostTool('unshare'), '--mount', '--pid', '--fork']
      .concat(['--kill-child', '/bin/sh', '-c', ENTER, 'sh', root, table, options.workingDir])
      .concat([tools, ...options.command]),
    {
      // The wrapper's own complaints are not the container's: its stderr is handed over as 4.
      stdio: [input?.theirs ?? 'ignore', output.theirs, 'pipe', 'pipe', errors.theirs],
      env: options.env,
    },
  );
  const exit = exitOf(wrapper);
  for (const pipe of [input, output, errors]) if (pipe) closeSync(pipe.theirs);
  const said = await readStartReport(wrapper);
  const pid = Number(/^pid (\d+)$/m.exec(said)?.[1]);
  if (!said.endsWith('ok\n')) {
    const complaints = await readAll(wrapper.stderr as NodeJS.ReadableStream);
    await exit;
    throw new StartError(startFailure(said + complaints, options));
  }
  wrapper.stderr?.resume();
  // Ours to remove: the container sees its root through its own mounts only.
  rmdirSync(join(root, '.old'));
  return {
    pid,
    ...(input && { stdin: input.ours }),
    stdout: output.ours,
    stderr: errors.ours,
    exit,
    signal: (name) => signalFirst(wrapper, { pid, name }),
    kill: () => signalFirst(wrapper, { pid, name: 'SIGKILL' }),
    exec: (process) =>
      execInContainer(process, {
        pid,
        env: options.env,
        workingDir: options.workingDir,
        pipes: pod.pipes,
      }),
    terminationMessage: () => readStart(terminationLog),
  };
}

/** The container's first process, from the shell that becomes it; `$1` root `$2` fstab `$3` directory `$4` our PATH. */
const ENTER = `
read -r pid rest < /proc/self/stat
echo "pid $pid" >&3
root=$1 table=$2 directory=$3 path=$PATH PATH=$4
shift 4
mount --all --fstab "$table" 2>&3
cd "$root" && pivot_root . .old 2>&3 && umount -l .old 2>&3 || exit 1
PATH=$path
cd "$directory" 2>/dev/null || { echo "no-directory" >&3; exit 1; }
command -v "$1" >/dev/null 2>&1 || { echo "no-command" >&3; exit 1; }
echo ok >&3
exec 2>&4 3>&- 4>&- "$@"
`;

function startFailure(said: string, options: ContainerOptions): string {
  const [command = ''] = options.command;
  if (said.includes('no-command\n'))
    return `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${command}": ${ociMissing(command)}`;
  if (said.includes('no-directory\n'))
    return `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: cwd: chdir to "${options.workingDir}": no such file or directory`;
  return `the container's root filesystem could not be made: ${said.replace(/^pid \d+\n/, '').trim()}`;
}

/** unshare waits for its child and ignores SIGTERM, so the child is addressed; it lives as long as unshare does. */
function signalFirst(
  wrapper: ChildProcess,
  to: { readonly pid: number; readonly name: NodeJS.Signals },
): void {
  if (wrapper.exitCode !== null || wrapper.signalCode !== null) return;
  try {
    process.kill(to.pid, to.name);
  } catch {
    // ESRCH: it ended in this moment, which is what the signal was for.
  }
}

/** The node binary and what PATH names: a checkout under /tmp must not lose its own tools. */
function hostPaths(path: string): string[] {
  return [...new Set([dirname(process.execPath), ...path.split(':')])];
}

async function ended(child: ChildProcess): Promise<void> {
  await exitOf(child);
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text;
}

async function readStart(path: string): Promise<string> {
  await using file = await open(path).catch(() => undefined);
  if (!file) return '';
  const { bytesRead, buffer } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
  return buffer.subarray(0, bytesRead).toString();
}
