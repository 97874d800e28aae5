import { constants } from 'node:os';
import { runScript } from '../../container/shell.ts';
import { reach } from '../../container/target.ts';
import { PitstopError } from '../../errors.ts';
import { KubeError } from '../../../kube/index.ts';
import { findProcesses, largest, type ContainerProcess } from '../../container/processes.ts';
import type { Detection, DiagnosticContext } from '../diagnostic.ts';
import { findListening, isOnLoopback, type ListeningPort } from '../listening.ts';
import {
  readInspectorAddress,
  signalFlag,
  type InspectorAddress,
  type NodeFlags,
} from './flags.ts';

/** A Node process, and how it is spoken to. */
export interface FoundNode {
  readonly process: ContainerProcess;
  readonly flags: NodeFlags;
  readonly address: InspectorAddress;
  /** Link of its mount namespace; empty where it is hidden from us. */
  readonly mount: string;
  readonly way: NodeWay;
  readonly isOpen: boolean;
}

/** By a program in the container, by a port-forward from here, or by the signal it was started for. */
type NodeWay = 'inspector' | 'port-forward' | 'heapsnapshot-signal';

type Context = Pick<DiagnosticContext, 'target' | 'signal'>;

interface NoNode {
  readonly reason: string;
  /** An ephemeral container as the process's user may do it. */
  readonly mayWorkAside?: boolean;
}

/** Finds the Node process to work on and the way to it, or says why there is none. */
export async function findNode(
  context: Context,
  options: { readonly pid?: number | undefined; readonly maySignal?: boolean },
): Promise<FoundNode | NoNode> {
  const { execUid, processes } = await findProcesses(context.target, context.signal);
  const nodes = processes.filter(({ runtime }) => runtime === 'node');
  const process =
    options.pid === undefined ? largest(nodes) : nodes.find(({ pid }) => pid === options.pid);
  if (!process) {
    const which = options.pid === undefined ? '' : ` as pid ${options.pid}`;
    return { reason: `no Node.js runs in the container${which}` };
  }
  const { pid, uid } = process;
  const { flags, mount, runs } = await readFacts(context, process);
  const address = readInspectorAddress(flags);
  const ports = await findListening(context, pid);
  const holders = ports.filter(({ port }) => port === address.port);
  const isOpen = holders.some(({ isOwn }) => isOwn !== false);
  const found = { process, flags, address, mount, isOpen };
  const foreign =
    execUid !== 0 && execUid !== uid
      ? `it runs as uid ${uid} and exec as uid ${execUid}: it cannot be signalled`
      : undefined;
  const obstacle = isOpen ? undefined : (foreign ?? whyNotOpened(process, address, holders));
  if (obstacle === undefined) {
    if (runs) return { ...found, way: 'inspector' };
    if (isOnLoopback({ address: address.host })) {
      const refusal = await whyNotForwarded(context, address);
      return refusal ?? { ...found, way: 'port-forward' };
    }
    return {
      reason: `Node (pid ${pid}): its inspector is for ${address.host}, where only something in the container gets, and ${process.executable} cannot be run there`,
    };
  }
  const signal = signalFlag(flags);
  if (!options.maySignal || !signal) {
    const reason = `Node (pid ${pid}): ${obstacle}`;
    return { reason, ...(foreign !== undefined && { mayWorkAside: true }) };
  }
  const why = foreign ?? whyNotSignalled(process, signal, runs);
  if (why) return { reason: `Node (pid ${pid}), ${signal} for a heap snapshot: ${why}` };
  return { ...found, way: 'heapsnapshot-signal' };
}

/** As `findNode`; throws `diagnostic-unavailable` with the reason. */
export async function requireNode(
  context: Context,
  options: Parameters<typeof findNode>[1],
): Promise<FoundNode> {
  const found = await findNode(context, options);
  if ('reason' in found) throw new PitstopError('diagnostic-unavailable', found.reason);
  return found;
}

/** What was found, in the words of the catalogue. */
export function detectNode(found: FoundNode | NoNode): Detection {
  if ('reason' in found) return { works: false, ...found };
  const { pid, uid, command } = found.process;
  const tool = found.way === 'port-forward' ? 'inspector by port-forward' : found.way;
  return {
    works: true,
    tool,
    process: { pid, uid, command },
    detail: `${tool} of pid ${pid} (${command})`,
  };
}

async function readFacts(
  { target, signal }: Context,
  { pid, argv, executable }: ContainerProcess,
): Promise<{ flags: NodeFlags; mount: string; runs: boolean }> {
  const { stdout } = await runScript(
    target,
    `tr '\\0' '\\n' <"/proc/$1/environ" 2>/dev/null | sed -n 's/^NODE_OPTIONS=//p'
    printf '\\036'
    readlink "/proc/$1/cwd" 2>/dev/null
    printf '\\036'
    readlink "/proc/$1/ns/mnt" 2>/dev/null
    printf '\\036'
    [ -n "$2" ] && NODE_OPTIONS= "$2" --version 2>/dev/null </dev/null`,
    [String(pid), executable === '' ? '' : reach(target, executable)],
    { signal },
  );
  const [options = '', directory = '', mount = '', version = ''] = stdout
    .split('\u001E')
    .map((part) => part.trim());
  const words = [...argv.slice(1), ...options.split(/\s+/)];
  return { flags: { words, directory }, mount, runs: /^v\d+\.\d+/.test(version) };
}

/** Asks for the port, where nobody need listen yet: what counts is whether we may. */
async function whyNotForwarded(
  { target: { kube, namespace, pod }, signal }: Context,
  { port }: InspectorAddress,
): Promise<NoNode | undefined> {
  try {
    const stream = await kube.portForward({ namespace, pod, port, signal });
    stream.on('error', () => {}).destroy();
    return undefined;
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'forbidden') throw error;
    const hint = error.hint ? ` (${error.hint})` : '';
    return {
      reason: `Node cannot be run in the container, and a port-forward to its inspector is refused: ${error.message}${hint}`,
    };
  }
}

function whyNotOpened(
  { caughtSignals }: ContainerProcess,
  { port }: InspectorAddress,
  holders: readonly ListeningPort[],
): string | undefined {
  // A process without a handler is ended by SIGUSR1.
  if (!caughtSignals.includes(constants.signals.SIGUSR1)) {
    return 'it does not handle SIGUSR1 (--disable-sigusr1?), so its inspector cannot be opened';
  }
  return holders.length > 0
    ? `port ${port}, on which its inspector would open, is another process's of the Pod`
    : undefined;
}

function whyNotSignalled(
  { caughtSignals, executable }: ContainerProcess,
  signal: string,
  runs: boolean,
): string | undefined {
  const number = constants.signals[signal as NodeJS.Signals] as number | undefined;
  if (number === undefined || !caughtSignals.includes(number)) return 'it has no handler for it';
  return runs ? undefined : `${executable} cannot be run in the container`;
}
