import { runScript } from '../container/shell.ts';
import type { Target } from '../container/target.ts';
import { parseProcNetTcp } from '../sockets/sockets.ts';

/** A TCP port that something in the Pod listens on. */
export interface ListeningPort {
  readonly address: string;
  readonly port: number;
  /** Whether the process that was asked about is the one; undefined where its files are not shown to us. */
  readonly isOwn: boolean | undefined;
}

const listeningScript = `
cat "/proc/$1/net/tcp" "/proc/$1/net/tcp6" 2>/dev/null
printf '\\036'
if ls "/proc/$1/fd" >/dev/null 2>&1; then
  echo shown
  ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's/.*socket:\\[\\([0-9]*\\)\\]$/\\1/p'
fi
exit 0`;

/** The ports on which the Pod's processes listen, as seen from the network namespace of `pid`. */
export async function findListening(
  { target, signal }: { readonly target: Target; readonly signal: AbortSignal },
  pid: number,
): Promise<readonly ListeningPort[]> {
  const { stdout } = await runScript(target, listeningScript, [String(pid)], {
    signal,
    maxBytes: 16 * 2 ** 20,
  });
  return parseListening(stdout);
}

/** Parses what the script printed: the socket tables, then the inodes of the process's own sockets. */
export function parseListening(text: string): readonly ListeningPort[] {
  const [tables = '', files = ''] = text.split('\u001E');
  const [shown, ...inodes] = files.trim().split('\n');
  const own = shown === 'shown' ? new Set(inodes) : undefined;
  return tables.split('\n').flatMap((line) => {
    const [socket] = parseProcNetTcp(line);
    if (socket?.state !== 'LISTEN') return [];
    const inode = line.trim().split(/\s+/)[9] ?? '';
    const { localAddress: address, localPort: port } = socket;
    return [{ address, port, isOwn: own?.has(inode) }];
  });
}

/** The address at which a listener on any address is spoken to from within the Pod. */
export function dialAddress({ address }: Pick<ListeningPort, 'address'>): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}

/** Whether a port-forward, which goes to the Pod's loopback, gets there. */
export function isOnLoopback({ address }: Pick<ListeningPort, 'address'>): boolean {
  return ['0.0.0.0', '::', '::1'].includes(address) || address.startsWith('127.');
}
