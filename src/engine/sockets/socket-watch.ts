import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../kube/index.ts';
import type { Target } from '../container/target.ts';
import {
  beyondProbes,
  noConnections,
  observe,
  type ConnectionLog,
  type PeerRules,
  type Sighting,
} from './connections.ts';
import { inboundPorts } from './inbound-ports.ts';
import { ReaderEnded } from './kept-reader.ts';
import { probedPorts } from './probed-ports.ts';
import { runningContainers } from './running-containers.ts';
import { findSource, openSource, type SocketSource } from './socket-source.ts';
import { countTables, parseGateways, parseProcNetTcp } from './sockets.ts';

/**
 * Repeated looks at one Pod's sockets, from inside the Pod's network namespace. Disposing ends what
 * it keeps running in the container; a later look starts it again.
 */
export class SocketWatch implements AsyncDisposable {
  readonly #target: Target;
  readonly #rules: PeerRules;
  /** As many as the first answer held: tcp, and tcp6 where there is IPv6. */
  readonly #tables: number;
  #source: SocketSource;
  #isOpen = true;
  #log: ConnectionLog = noConnections;

  constructor(
    target: Target,
    rules: PeerRules,
    { source, text }: { readonly source: SocketSource; readonly text: string },
  ) {
    this.#target = target;
    this.#rules = rules;
    this.#source = source;
    this.#tables = countTables(text);
  }

  /** The container whose means the sockets are read with. */
  get container(): string {
    return this.#source.container;
  }

  /** Ports at which Service traffic shows. */
  get ports(): ReadonlySet<number> {
    return this.#rules.ports;
  }

  /** Throws when the container's sockets cannot be read any more. */
  async look(signal: AbortSignal): Promise<ConnectionLog> {
    // Without a Service there is no port to look at, and no reason to need exec.
    if (this.#rules.ports.size === 0) return this.#log;
    return this.#observe(await this.#read(signal));
  }

  /** Connections since then from the node to a probed port, where they are more than its probes. */
  beyondProbes(sinceMs: number): readonly Sighting[] {
    return beyondProbes(this.#log, this.#rules, { sinceMs, nowMs: performance.now() });
  }

  #observe(text: string): ConnectionLog {
    this.#log = observe(this.#log, parseProcNetTcp(text), this.#rules, performance.now());
    return this.#log;
  }

  async #read(signal: AbortSignal): Promise<string> {
    if (this.#isOpen) {
      try {
        return await this.#readWhole(signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!isOver(error)) throw error;
        await this[Symbol.asyncDispose]();
      }
    }
    const { container, reader } = this.#source;
    this.#source = openSource({ ...this.#target, container }, reader);
    this.#isOpen = true;
    return await this.#readWhole(signal);
  }

  /** In a container short of processes or memory the shell goes on though its `cat` could not start. */
  async #readWhole(signal: AbortSignal): Promise<string> {
    const text = await this.#source.read(signal);
    if (countTables(text) >= this.#tables) return text;
    throw new ReaderEnded(0, 'the answer is not whole');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#source[Symbol.asyncDispose]();
  }
}

/** The kept exec is over (a proxy's idle timeout, the container restarted): a new one may do. */
function isOver(error: unknown): boolean {
  if (error instanceof KubeError) return error.code === 'exec-cut' || error.code === 'aborted';
  return error instanceof ReaderEnded;
}

/**
 * Finds a way to read the Pod's sockets and takes a first look. Throws what `findSource` throws.
 * `targetPorts` are the Services' target ports; without any, nothing is ever read.
 */
export async function watchSockets(
  target: Target,
  pod: Pod,
  targetPorts: readonly number[],
  signal: AbortSignal,
): Promise<SocketWatch> {
  const { status } = pod;
  const podAddresses = new Set(
    [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)].flatMap((ip) => ip ?? []),
  );
  const ports = inboundPorts(pod, targetPorts);
  const { source, text } =
    ports.size === 0
      ? { source: nothingToRead(target), text: '' }
      : await findSource(target, runningContainers(pod, target.container), signal);
  // The kubelet probes from the node's address; with a bridge CNI from the node's end of the bridge.
  const nodeAddresses = new Set([
    ...[status?.hostIP, ...(status?.hostIPs ?? []).map(({ ip }) => ip)].flatMap((ip) => ip ?? []),
    ...parseGateways(text),
  ]);
  const rules = { ports, podAddresses, nodeAddresses, probes: probedPorts(pod) };
  return new SocketWatch(target, rules, { source, text });
}

function nothingToRead({ container }: Target): SocketSource {
  return {
    container,
    reader: { kept: false, name: 'none', commands: [] },
    read: () => Promise.resolve(''),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
