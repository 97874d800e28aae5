/** One TCP socket of a Pod's network namespace; addresses as Kubernetes writes them. */
export interface Connection {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly state: ConnectionState;
}

// include/net/tcp_states.h, by their number.
const states = [
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
] as const;

type ConnectionState = (typeof states)[number];

/** Parses `/proc/net/tcp` and `/proc/net/tcp6` (also one after the other) of a little-endian kernel. */
export function parseProcNetTcp(text: string): readonly Connection[] {
  const connections: Connection[] = [];
  for (const line of text.split('\n')) {
    const found = /^\s*\d+: ([\dA-F]+):([\dA-F]{4}) ([\dA-F]+):([\dA-F]{4}) ([\dA-F]{2}) /i.exec(
      line,
    );
    if (!found) continue;
    const [, local = '', localPort = '', remote = '', remotePort = '', state = ''] = found;
    const name = states[Number.parseInt(state, 16) - 1];
    if (!name) continue;
    connections.push({
      localAddress: parseAddress(local),
      localPort: Number.parseInt(localPort, 16),
      remoteAddress: parseAddress(remote),
      remotePort: Number.parseInt(remotePort, 16),
      state: name,
    });
  }
  return connections;
}

/** proc_net_tcp.rst: each 32-bit word is printed in host byte order. */
function parseAddress(hex: string): string {
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8) {
    for (const at of [6, 4, 2, 0]) {
      bytes.push(Number.parseInt(hex.slice(word + at, word + at + 2), 16));
    }
  }
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  return isMapped ? bytes.slice(12).join('.') : ipv6(bytes);
}

/** RFC 5952 text, which the URL parser produces. */
function ipv6(bytes: readonly number[]): string {
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) =>
    (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** How many socket tables an answer holds: a missing one would look like a Pod without connections. */
export function countTables(text: string): number {
  return text.match(/^ *sl +local_address/gm)?.length ?? 0;
}

/** Default gateways in /proc/net/route: hex words in host byte order (little-endian where we run). */
export function parseGateways(text: string): readonly string[] {
  return text
    .slice(Math.max(0, text.indexOf('Iface')))
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter(
      ([, destination, gateway]) => destination === '00000000' && gateway && gateway !== '00000000',
    )
    .map(([, , gateway = '']) => parseAddress(gateway));
}
