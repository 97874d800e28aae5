import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hasNamespaces, type Level } from '../network/index.ts';
import { systemPath } from '../system-path.ts';
import { ClusterError } from './cluster-error.ts';

/** How the node process is set apart from this machine. */
export interface Isolation {
  readonly level: Level;
  /** What to put before the node's own command. */
  readonly prefix: readonly string[];
  /** Why it is not `namespaces`, in the words of the tool that was refused. */
  readonly refusal?: string;
}

// unshare makes every mount private in the new namespace: nothing that is mounted or unmounted in
// there reaches this machine, for root neither.
const own = '--net --mount --pid --uts --ipc --fork --mount-proc --kill-child'.split(' ');

// Orphans of dead containers come to the first process of the PID namespace, and Node collects only
// the children it started: a shell that waits collects them all.
const collector = ['sh', '-c', '"$@"; exit $?', 'collector'];

const prefixes: Partial<Record<Level, readonly string[]>> = {
  namespaces: ['unshare', ...own],
  user: ['unshare', '--user', '--map-root-user', ...own],
};

// Everything the node will need of the kernel and the PATH, tried for real: what is compiled in,
// loaded or forbidden cannot be told from a version.
const rehearsal = `
for tool in ip nsenter mount umount pivot_root; do
  command -v "$tool" >/dev/null || { echo "$tool is not on the PATH" >&2; exit 1; }
done
ip link add name try0 type bridge && ip link add name try1 type veth peer name try2 &&
echo 1 > /proc/sys/net/ipv4/ip_forward`;

/** What root needs to make namespaces and to start containers as other users, with its bit. */
const capabilities: Readonly<Record<string, number>> = {
  CAP_CHOWN: 0,
  CAP_KILL: 5,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  CAP_NET_ADMIN: 12,
  CAP_SYS_ADMIN: 21,
};

/**
 * Tries once what this machine allows, the level that keeps containers furthest apart first; about
 * 15 ms. Throws `level-refused` when the one that is wanted cannot be had.
 */
export async function chooseIsolation(wanted: Level | 'auto'): Promise<Isolation> {
  if (wanted !== 'auto') {
    const reason = await refusalOf(wanted);
    if (reason === undefined) return { level: wanted, prefix: prefixOf(wanted) };
    throw new ClusterError('level-refused', `this machine refuses level ${wanted}: ${reason}`, {
      hint: hints[wanted],
    });
  }
  let refusal: string | undefined;
  for (const level of ['namespaces', 'user', 'loopback'] as const) {
    const reason = await refusalOf(level);
    if (reason === undefined) {
      // That root would keep containers further apart is no defect of an ordinary user's cluster.
      const told = level === 'loopback' ? refusal : undefined;
      return { level, prefix: prefixOf(level), ...(told !== undefined && { refusal: told }) };
    }
    refusal = reason;
  }
  return { level: 'plain', prefix: [], ...(refusal !== undefined && { refusal }) };
}

const hints: Readonly<Record<Level, string>> = {
  namespaces: 'start as root, or with level user, which needs no privilege (--level=user)',
  user: 'start with level loopback (--level=loopback), or allow user namespaces (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)',
  loopback: 'start with level plain (--level=plain)',
  plain: '',
};

function prefixOf(level: Level): readonly string[] {
  const prefix = prefixes[level];
  return prefix ? [...prefix, ...collector] : [];
}

async function refusalOf(level: Level): Promise<string | undefined> {
  if (level === 'plain') return undefined;
  if (process.platform !== 'linux') {
    return hasNamespaces(level)
      ? 'namespaces need Linux'
      : 'only Linux answers at every address of 127.0.0.0/8';
  }
  if (level === 'namespaces') {
    if (process.geteuid?.() !== 0) return `it needs root, and this is user ${process.geteuid?.()}`;
    const missing = missingCapabilities();
    if (missing.length > 0) return `root has no ${missing.join(', ')} here`;
  }
  return await rehearse(prefixes[level] ?? []);
}

function missingCapabilities(): readonly string[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return Object.keys(capabilities).filter(
    (name) => (effective & (1n << BigInt(capabilities[name] ?? 0))) === 0n,
  );
}

async function rehearse(prefix: readonly string[]): Promise<string | undefined> {
  const [unshare, ...args] = [...prefix, 'sh', '-c', rehearsal];
  if (prefix.length === 0 || unshare === undefined) return undefined;
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const env = { ...process.env, PATH: systemPath(process.env['PATH'] ?? '') };
  const child = spawn(unshare, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.on('error', (error: NodeJS.ErrnoException) =>
    resolve(error.code === 'ENOENT' ? `${unshare} is not on the PATH` : error.message),
  );
  child.on('close', (code, signal) =>
    resolve(code === 0 ? undefined : stderr.trim() || `${unshare} ended with ${signal ?? code}`),
  );
  return await promise;
}
