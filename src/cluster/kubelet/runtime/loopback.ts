import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { delimiter, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { identify, signal as signalProcess } from '../../launch/process-identity.ts';
import type { Level } from '../../network/index.ts';
import { exitOf } from './exit-status.ts';
import { findCommand, ociMissing } from './find-command.ts';
import { recordProcess } from './leftovers.ts';
import { handOver, letGo, PipePool } from './pipes.ts';
import { isOurs, killDescendants, membersOf } from './process-tree.ts';
import {
  StartError,
  type ContainerOptions,
  type ContainerProcess,
  type ExecProcess,
  type Mount,
  type ProcessOptions,
  type Runtime,
  type Sandbox,
  type SandboxOptions,
} from './runtime.ts';
import { openTerminal } from './terminal.ts';

/** Tools that name a process by number: in the container that number is 1, here it is another. */
const SHIMMED = ['jcmd', 'jinfo', 'jmap', 'jstack', 'jstat', 'kill'];

/**
 * Containers as plain processes, for machines that refuse namespaces. They see the host's files and
 * process numbers; `POD_IP` tells them the address to listen on, and shims on PATH make `jmap … 1`
 * mean the container's first process.
 */
export function openLoopback(level: Level): Runtime {
  const pipes = new PipePool();
  return {
    level,
    createSandbox: (options) => Promise.resolve(createSandbox(options, pipes)),
    [Symbol.asyncDispose]: () => pipes[Symbol.asyncDispose](),
  };
}

function createSandbox(options: SandboxOptions, pipes: PipePool): Sandbox {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  let address = '127.0.0.1';
  return {
    // No process stands for the sandbox; nothing at this level asks for its namespaces.
    pid: process.pid,
    gone,
    start: (container) => {
      address = container.env['POD_IP'] ?? address;
      return startContainer(container, { ...options, pipes });
    },
    connect: async (port) => {
      const socket = connect({ host: address, port, allowHalfOpen: true });
      await once(socket, 'connect').catch((cause: NodeJS.ErrnoException) => {
        const why = cause.code === 'ECONNREFUSED' ? 'connection refused' : cause.code;
        throw new Error(`dial tcp4 127.0.0.1:${port}: connect: ${why}`, { cause });
      });
      return socket;
    },
    [Symbol.asyncDispose]: async () => resolve(),
  };
}

async function startContainer(
  options: ContainerOptions,
  pod: SandboxOptions & { readonly pipes: PipePool },
): Promise<ContainerProcess> {
  const directory = join(pod.directory, 'containers', options.name, `${options.attempt}`);
  const [tmp, home] = [join(directory, 'tmp'), join(directory, 'home')];
  for (const own of [tmp, home]) mkdirSync(own, { recursive: true });
  const [command = '', ...args] = options.command;
  const path = options.env['PATH'] ?? '';
  const file = findCommand(command, { path, directory: options.workingDir });
  if (file === undefined)
    throw new StartError(
      `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${command}": ${ociMissing(command)}`,
    );
  const terminationLog = join(directory, 'termination-log');
  writeFileSync(terminationLog, '');
  const shims = join(directory, 'bin');
  const volumes = join(directory, 'root');
  linkVolumes(volumes, options.mounts);
  const env = {
    // Not the user's own, whose keys and kubeconfig are no business of a container.
    HOME: home,
    ...options.env,
    TMPDIR: tmp,
    // Without a mount namespace, volumes are at their paths below this directory only.
    POD_ROOT: volumes,
    PATH: `${shims}${delimiter}${path}`,
    TERMINATION_LOG: terminationLog,
  };
  const terminationMessage = () =>
    Promise.resolve(readFileSync(terminationLog, 'utf8').slice(0, 4096));
  const execHere = (process: ProcessOptions) =>
    exec(process, { env, workingDir: options.workingDir, pipes: pod.pipes });
  if (options.tty) {
    const terminal = await openTerminal({
      file,
      args,
      env: { TERM: 'xterm', ...env },
      cwd: options.workingDir,
    });
    return {
      pid: terminal.pid ?? process.pid,
      ...(options.stdin && terminal.stdin && { stdin: terminal.stdin }),
      stdout: terminal.stdout,
      stderr: Readable.from([]),
      exit: terminal.exit,
      signal: (name) => terminal.signal(name),
      kill: () => terminal.signal('SIGKILL'),
      resize: (columns, rows) => terminal.resize(columns, rows),
      exec: execHere,
      terminationMessage,
    };
  }
  const input = options.stdin ? await pod.pipes.forInput() : undefined;
  const [output, errors] = [await pod.pipes.forOutput(), await pod.pipes.forOutput()];
  const ends = [input, output, errors];
  const child = handOver(ends, () =>
    spawn(file, args, {
      stdio: [input?.theirs ?? 'ignore', output.theirs, errors.theirs],
      argv0: command,
      env,
      cwd: options.workingDir,
      detached: true,
    }),
  );
  const exit = exitOf(child);
  const { pid } = child;
  if (pid === undefined) {
    letGo(ends);
    throw new StartError(`"${command}" could not be started`);
  }
  recordProcess(directory, pid);
  writeShims({ directory: shims, pid, path });
  const alive = () => child.exitCode === null && child.signalCode === null;
  const signal = (name: NodeJS.Signals) => void (alive() && child.kill(name));
  // What the first process left behind in its group would keep the ports; a container would not.
  const sweep = () => killGroup(pid);
  child.once('exit', sweep);
  return {
    pid,
    ...(input && { stdin: input.ours }),
    stdout: output.ours,
    stderr: errors.ours,
    exit,
    signal,
    kill: () => {
      killDescendants(pid);
      signal('SIGKILL');
    },
    exec: execHere,
    terminationMessage,
  };
}

/** The Pod's volumes as links in a tree like the container's. */
function linkVolumes(directory: string, mounts: readonly Mount[]): void {
  const root = realPathOf(directory);
  for (const { source, target } of mounts) {
    const link = join(root, target);
    // Below another volume nothing is made or replaced: what lies there may be the user's own.
    if (existsSync(link) || dirname(link) !== realPathOf(dirname(link))) continue;
    symlinkSync(source, link);
  }
}

/** Where a directory lies, made if nothing is there. */
function realPathOf(directory: string): string {
  mkdirSync(directory, { recursive: true });
  return realpathSync(directory);
}

async function exec(
  options: ProcessOptions,
  target: {
    readonly env: Readonly<Record<string, string>>;
    readonly workingDir: string;
    readonly pipes: PipePool;
  },
): Promise<ExecProcess> {
  const [command = '', ...args] = options.command;
  const { env, workingDir: cwd } = target;
  const file = findCommand(command, { path: env['PATH'] ?? '', directory: cwd });
  if (file === undefined)
    throw new StartError(
      `OCI runtime exec failed: exec failed: unable to start container process: exec: "${command}": ${ociMissing(command)}`,
    );
  if (options.tty) return openTerminal({ file, args, env: { TERM: 'xterm', ...env }, cwd });
  const input = options.stdin ? await target.pipes.forInput() : undefined;
  const [output, errors] = [await target.pipes.forOutput(), await target.pipes.forOutput()];
  const child = handOver([input, output, errors], () =>
    spawn(file, args, {
      stdio: [input?.theirs ?? 'ignore', output.theirs, errors.theirs],
      argv0: command,
      env,
      cwd,
      detached: true,
    }),
  );
  const exit = exitOf(child);
  return {
    ...(input && { stdin: input.ours }),
    stdout: output.ours,
    stderr: errors.ours,
    exit,
    resize: () => {},
    kill: () => {
      if (child.pid !== undefined) killDescendants(child.pid);
      child.kill('SIGKILL');
    },
  };
}

function writeShims(options: {
  readonly directory: string;
  readonly pid: number;
  readonly path: string;
}): void {
  mkdirSync(options.directory, { recursive: true });
  for (const tool of SHIMMED) {
    const real = findCommand(tool, { path: options.path, directory: '/' });
    if (real === undefined) continue;
    const script = `#!/bin/sh
# In the container the first process is number 1.
for argument do
  shift
  [ "$argument" = 1 ] && argument=${options.pid}
  set -- "$@" "$argument"
done
exec '${real}' "$@"
`;
    writeFileSync(join(options.directory, tool), script, { mode: 0o755 });
  }
}

/**
 * SIGKILL to what is left of a process group whose leader has ended. Its number may be another's by
 * now, so that only members which carry our marker are meant.
 */
function killGroup(group: number): void {
  for (const pid of membersOf(group)) {
    const identity = identify(pid);
    if (identity && isOurs(pid)) signalProcess(identity, 'SIGKILL');
  }
}
