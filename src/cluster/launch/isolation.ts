import { spawn } from 'node:child_process';
import type { Level } from '../network/index.ts';
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

const own = '--net --mount --pid --uts --fork --mount-proc --kill-child'.split(' ');
const asUser = ['unshare', '--user', '--map-root-user', ...own];
const asRoot = ['unshare', ...own];

// Orphans of dead containers come to the first process of the PID namespace, and Node collects only
// the children it started: a shell that waits collects them all.
const collector = ['sh', '-c', '"$@"; exit $?', 'collector'];

// Everything the node will need of the kernel and the PATH, tried for real: what is compiled in,
// loaded or forbidden cannot be told from a version.
const rehearsal = `
for tool in ip nsenter mount umount pivot_root; do
  command -v "$tool" >/dev/null || { echo "$tool is not on the PATH" >&2; exit 1; }
done
ip link add name try0 type bridge && ip link add name try1 type veth peer name try2 &&
echo 1 > /proc/sys/net/ipv4/ip_forward`;

/** Tries once what this machine allows; `loopback` always works. About 15 ms. */
export async function chooseIsolation(wanted: Level | 'auto'): Promise<Isolation> {
  if (wanted === 'loopback') return { level: 'loopback', prefix: [] };
  let refusal = 'namespaces need Linux';
  if (process.platform === 'linux') {
    for (const prefix of process.getuid?.() === 0 ? [asUser, asRoot] : [asUser]) {
      const problem = await refusalOf(prefix);
      if (problem === undefined) return { level: 'namespaces', prefix: [...prefix, ...collector] };
      refusal = problem;
    }
  }
  if (wanted === 'auto') return { level: 'loopback', prefix: [], refusal };
  throw new ClusterError('level-refused', `this machine refuses namespaces: ${refusal}`, {
    hint: 'start with level loopback (--level=loopback), or allow user namespaces (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)',
  });
}

async function refusalOf(prefix: readonly string[]): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const [unshare = '', ...args]: string[] = [...prefix, 'sh', '-c', rehearsal];
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
  return promise;
}
