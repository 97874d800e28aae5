import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import { noConnections, observe, type ConnectionLog, type PeerRules } from './connections.ts';
import type { Target } from '../diagnostics/index.ts';
import { readConnections } from './sockets.ts';

/** Repeated looks at one Pod's sockets, from inside the Pod's network namespace. */
export class SocketWatch {
  readonly #target: Target;
  readonly #rules: PeerRules;
  #log: ConnectionLog = noConnections;

  constructor(target: Target, rules: PeerRules) {
    this.#target = target;
    this.#rules = rules;
  }

  /** Throws when the container's sockets cannot be read (no exec permission, no `cat`). */
  async look(signal: AbortSignal): Promise<ConnectionLog> {
    // Without a Service there is no port to look at, and no reason to need exec.
    if (this.#rules.ports.size === 0) return this.#log;
    const connections = await readConnections(this.#target, signal);
    this.#log = observe(this.#log, connections, this.#rules);
    return this.#log;
  }
}

/**
 * The addresses that the kubelet's probes come from: the node's, and the Pod's default gateway
 * (with a bridge CNI the node end of the bridge).
 */
export async function readNodeAddresses(
  kube: Kube,
  target: Target,
  pod: Pod,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { stdout } = await kube.execText({
    namespace: target.namespace,
    pod: target.pod,
    container: target.container,
    command: ['cat', '/proc/net/route'],
    signal,
  });
  return new Set([
    ...(pod.status?.hostIP ? [pod.status.hostIP] : []),
    ...(pod.status?.hostIPs ?? []).flatMap(({ ip }) => (ip ? [ip] : [])),
    ...parseGateways(stdout),
  ]);
}

/** Default gateways of /proc/net/route: hex words in host byte order (little-endian where we run). */
export function parseGateways(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter(
      ([, destination, gateway]) => destination === '00000000' && gateway && gateway !== '00000000',
    )
    .map(([, , gateway = '']) =>
      [6, 4, 2, 0].map((at) => Number.parseInt(gateway.slice(at, at + 2), 16)).join('.'),
    );
}
