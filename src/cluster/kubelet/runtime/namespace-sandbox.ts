import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Level } from '../../network/index.ts';
import { exitOf } from './exit-status.ts';
import { hostTool } from './find-command.ts';
import { startContainer } from './namespace-container.ts';
import type { PipePool } from './pipes.ts';
import { dialError, PodRelay } from './pod-relay.ts';
import type { PrivatePlaces } from './private-places.ts';
import type { Sandbox, SandboxOptions } from './runtime.ts';
import { readStartReport } from './start-report.ts';
import type { Toolbox } from './toolbox.ts';

/** What all Pods of a node have in common at levels with namespaces. */
export interface Shared {
  readonly devices: string;
  readonly pipes: PipePool;
  readonly places: PrivatePlaces;
  /** What the commands of a PATH need and would not see. */
  readonly toolsOf: (path: string) => readonly string[];
  /** For containers whose root has no tools; made when first needed. */
  readonly toolbox: () => Toolbox;
  readonly level: Level;
}

/** A Pod's namespaces, held open by a process of ours that does nothing else: its pause container. */
export async function createSandbox(options: SandboxOptions, shared: Shared): Promise<Sandbox> {
  const sysctls = Object.entries(options.sysctls ?? {}).flatMap(([name, value]) => [
    `/proc/sys/${name.replaceAll('.', '/')}`,
    value,
  ]);
  const namespaces = [
    ...(options.hostNetwork ? [] : ['--net']),
    '--uts',
    '--ipc',
    ...(options.sharedProcesses ? ['--pid', '--fork', '--kill-child'] : []),
  ];
  const holder = spawn(
    hostTool('unshare'),
    [...namespaces, 'sh', '-c', HOLD, 'sh', options.hostname, ...sysctls],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '' } },
  );
  const exit = exitOf(holder);
  // From the beginning: what nobody reads, Node throws away when the process ends.
  const complaints = textOf(holder.stderr as NodeJS.ReadableStream).catch(() => '');
  let failure: Error | undefined;
  holder.once('error', (error) => (failure = error));
  const said = await readStartReport(holder);
  if (said !== 'ok\n' || holder.pid === undefined) {
    const { exitCode, signal } = await exit;
    const why =
      failure?.message || (await complaints).trim() || `unshare ended with ${signal ?? exitCode}`;
    throw new Error(`cannot make the Pod's namespaces: ${why}`);
  }
  const { pid } = holder;
  const relay = new PodRelay({ pid, directory: options.directory });
  return {
    pid,
    gone: ended(exit),
    start: (container) => startContainer(container, { ...shared, ...options, sandboxPid: pid }),
    connect: (port) => (options.hostNetwork ? dialNode(port) : relay.connect(port)),
    [Symbol.asyncDispose]: async () => {
      await relay[Symbol.asyncDispose]();
      holder.kill('SIGKILL');
      await exit;
    },
  };
}

/** As the first process of a shared PID namespace it collects whoever is left to it: `wait` does. */
const HOLD = `
hostname "$1" || exit 1
shift
while [ $# -gt 0 ]; do echo "$2" > "$1" || exit 1; shift 2; done
echo ok >&3
exec 3>&-
[ $$ = 1 ] || exec sleep infinity
while :; do sleep 86400 & wait; done`;

async function ended(exit: Promise<unknown>): Promise<void> {
  await exit;
}

async function dialNode(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  await once(socket, 'connect').catch((error: NodeJS.ErrnoException) => {
    throw dialError(port, error.code ?? 'ERROR');
  });
  return socket;
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text;
}
