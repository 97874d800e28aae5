import type { Connection } from './sockets.ts';

/** Which connections are Service traffic: to the Pod's address and port, from neither node nor sidecar. */
export interface PeerRules {
  /** The Pod's own addresses; a hostNetwork Pod's /proc/net/tcp shows the whole node. */
  readonly podAddresses: ReadonlySet<string>;
  /** Ports on which Service traffic reaches the Pod. */
  readonly ports: ReadonlySet<number>;
  /** The kubelet's probes come from these; so may masqueraded traffic, but that stays open. */
  readonly nodeAddresses: ReadonlySet<string>;
}

/** What is known after some looks at a Pod's sockets. Keys are `remote:port>localPort`. */
export interface ConnectionLog {
  /** Consecutive looks in which a connection from the node was open. */
  readonly nodeLooks: ReadonlyMap<string, number>;
  readonly seen: ReadonlySet<string>;
  /** Open now, and Service traffic as far as can be told. */
  readonly open: readonly Connection[];
  /** Seen for the first time in the last look. */
  readonly fresh: readonly Connection[];
}

export const noConnections: ConnectionLog = {
  nodeLooks: new Map(),
  seen: new Set(),
  open: [],
  fresh: [],
};

/**
 * A probe's connection lives for one request; one that is still open at the third look in a row is
 * a client behind the node's address (NodePort with masquerading), and counts.
 */
const probeLooks = 3;

/** Folds one more look at the sockets into the log. */
export function observe(
  log: ConnectionLog,
  connections: readonly Connection[],
  rules: PeerRules,
): ConnectionLog {
  const nodeLooks = new Map<string, number>();
  const open: Connection[] = [];
  for (const connection of connections) {
    const { state, localAddress, localPort, remoteAddress } = connection;
    if (state !== 'ESTABLISHED' || !rules.ports.has(localPort)) continue;
    if (!rules.podAddresses.has(localAddress) || isSidecar(remoteAddress)) continue;
    if (rules.nodeAddresses.has(remoteAddress)) {
      const key = connectionKey(connection);
      const looks = (log.nodeLooks.get(key) ?? 0) + 1;
      nodeLooks.set(key, looks);
      if (looks < probeLooks) continue;
    }
    open.push(connection);
  }
  const fresh = open.filter((connection) => !log.seen.has(connectionKey(connection)));
  return {
    nodeLooks,
    seen: new Set([...log.seen, ...fresh.map(connectionKey)]),
    open,
    fresh,
  };
}

/** `10.0.0.1:40312, 10.0.0.1:40318 and 3 more`. */
export function describePeers(connections: readonly Connection[]): string {
  const peers = connections.map(
    ({ remoteAddress, remotePort }) => `${remoteAddress}:${remotePort}`,
  );
  const shown = peers.slice(0, 5).join(', ');
  return peers.length > 5 ? `${shown} and ${peers.length - 5} more` : shown;
}

function connectionKey({ remoteAddress, remotePort, localPort }: Connection): string {
  return `${remoteAddress}:${remotePort}>${localPort}`;
}

/** A proxy in the Pod itself (Istio's comes from 127.0.0.6). Not all of 127/8: Pods may live there too. */
function isSidecar(address: string): boolean {
  return address.startsWith('127.0.') || address === '::1';
}
