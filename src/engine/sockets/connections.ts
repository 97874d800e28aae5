import type { Connection } from './sockets.ts';

/** Which connections are Service traffic: to the Pod's address and port, from neither node nor sidecar. */
export interface PeerRules {
  /** The Pod's own addresses; a hostNetwork Pod's /proc/net/tcp shows the whole node. */
  readonly podAddresses: ReadonlySet<string>;
  /** Ports on which Service traffic reaches the Pod. */
  readonly ports: ReadonlySet<number>;
  /** The kubelet's probes come from these; so may masqueraded traffic, but that stays open. */
  readonly nodeAddresses: ReadonlySet<string>;
  /** The ports that the kubelet probes. */
  readonly probes: ReadonlyMap<number, ProbedPort>;
}

export interface ProbedPort {
  /** How long the slowest of its probes may take. */
  readonly timeoutMs: number;
  /** How often each of its probes comes. */
  readonly periodsMs: readonly number[];
}

/** One connection as it has been seen until now. */
export interface Sighting {
  readonly connection: Connection;
  /** When a look first showed it, by the caller's clock in milliseconds. */
  readonly sinceMs: number;
}

/** What is known after some looks at a Pod's sockets. Keys are `remote:port>localPort`. */
export interface ConnectionLog {
  /** Connections from the node to a probed port that are too young to be told from a probe. */
  readonly undecided: ReadonlyMap<string, Sighting>;
  /** What has come from the node to a probed port in the last minute, probes among it. */
  readonly visits: ReadonlyMap<string, Sighting>;
  /** Everything that has ever counted as Service traffic. */
  readonly seen: ReadonlySet<string>;
  /** Open now, and Service traffic as far as can be told. */
  readonly open: readonly Connection[];
  /** Counted for the first time in the last look. */
  readonly fresh: readonly Sighting[];
}

export const noConnections: ConnectionLog = {
  undecided: new Map(),
  visits: new Map(),
  seen: new Set(),
  open: [],
  fresh: [],
};

/** A closed connection's TIME_WAIT lasts as long. */
const visitsKeptMs = 60_000;

/** No connection is made by these: a listener, and what the Pod itself is opening. */
const notArrived = new Set(['LISTEN', 'SYN_SENT', 'CLOSE']);

/**
 * Folds one more look at the sockets into the log. A connection that came and went between two looks
 * still shows as TIME_WAIT where the Pod closed it first: it counts as seen, not as open. One from
 * the node to a probed port counts once it has outlived the probe's timeout: then it is a client
 * behind the node's address (a NodePort with masquerading).
 */
export function observe(
  log: ConnectionLog,
  connections: readonly Connection[],
  rules: PeerRules,
  nowMs: number,
): ConnectionLog {
  const undecided = new Map<string, Sighting>();
  const visits = new Map(
    [...log.visits].filter(([, { sinceMs }]) => nowMs - sinceMs < visitsKeptMs),
  );
  const seen = new Set(log.seen);
  const open: Connection[] = [];
  const fresh: Sighting[] = [];
  for (const connection of connections) {
    if (!isInbound(connection, rules)) continue;
    const key = connectionKey(connection);
    const isOpen = connection.state === 'ESTABLISHED';
    let sinceMs = nowMs;
    if (rules.nodeAddresses.has(connection.remoteAddress) && !seen.has(key)) {
      const probed = rules.probes.get(connection.localPort);
      if (probed) {
        sinceMs = visits.get(key)?.sinceMs ?? nowMs;
        visits.set(key, { connection, sinceMs });
        if (!isOpen) continue;
        if (nowMs - sinceMs < probed.timeoutMs) {
          undecided.set(key, { connection, sinceMs });
          continue;
        }
      }
    }
    if (isOpen) open.push(connection);
    if (!seen.has(key)) fresh.push({ connection, sinceMs });
    seen.add(key);
  }
  return { undecided, visits, seen, open, fresh };
}

/**
 * What came from the node to a probed port since then, where it is more than its probes can have
 * been: clients behind the node's address whose connections are as short as a probe's.
 */
export function beyondProbes(
  { visits }: ConnectionLog,
  { probes }: PeerRules,
  { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
): readonly Sighting[] {
  return [...probes].flatMap(([port, { periodsMs }]) => {
    const recent = [...visits.values()].filter(
      (visit) => visit.connection.localPort === port && visit.sinceMs > sinceMs,
    );
    // A probe that is just due, and one that the kubelet adds when a container's state changes.
    const expected = periodsMs.reduce(
      (sum, periodMs) => sum + 2 + Math.floor((nowMs - sinceMs) / periodMs),
      0,
    );
    return recent.length > expected ? recent : [];
  });
}

function isInbound(connection: Connection, rules: PeerRules): boolean {
  const { state, localAddress, localPort, remoteAddress } = connection;
  return (
    !notArrived.has(state) &&
    rules.ports.has(localPort) &&
    rules.podAddresses.has(localAddress) &&
    !isSidecar(remoteAddress)
  );
}

function connectionKey({ remoteAddress, remotePort, localPort }: Connection): string {
  return `${remoteAddress}:${remotePort}>${localPort}`;
}

/** A proxy in the Pod itself (Istio's comes from 127.0.0.6). Not all of 127/8: Pods may live there too. */
function isSidecar(address: string): boolean {
  return address.startsWith('127.0.') || address === '::1';
}
