import { memoryScript, parseCgroupMemory } from '../container/memory.ts';
import { runScript } from '../container/shell.ts';
import { reach, type Target } from '../container/target.ts';
import type { RemoteArtifact } from '../diagnostics/index.ts';
import { PitstopError } from '../errors.ts';
import type { Compressor } from './codec.ts';
import type { Means } from './pace.ts';

/** What a container has to bring its files home with. */
export interface RemoteTools {
  readonly hasher: 'openssl' | 'sha256sum' | 'none';
  readonly means: Means;
  /** What to put before a command that is to leave the processor to others; empty where nothing does it. */
  readonly nice: string;
}

/** A file in a container, and what the container has to read it with. */
export interface RemoteFile extends RemoteTools {
  readonly path: string;
  readonly sizeBytes: number;
  /** `mtime inode`, as far as the container tells: another value means another file. */
  readonly version: string;
  readonly reader: 'dd' | 'tail';
  /** There is so much memory that what was written or read once is read again without the disk. */
  readonly isCached: boolean;
}

// openssl comes first: it uses the CPU's SHA instructions, coreutils often does not (8 times slower).
const script = `
if [ ! -e "$1" ]; then echo missing; exit; fi
if [ -d "$1" ]; then kind=directory
elif [ ! -f "$1" ]; then echo no-file; exit
else kind=file; fi
if [ ! -r "$1" ]; then echo unreadable; exit; fi
echo $kind
[ $kind = directory ] && echo || stat -L -c '%s %Y %i' -- "$1" 2>/dev/null || echo "$(wc -c <"$1") 0 0"
has() { command -v "$1" >/dev/null 2>&1; }
has head && for tool in dd tail; do has $tool && { echo "reader $tool"; break; }; done
if echo x | openssl dgst -sha256 -r >/dev/null 2>&1; then echo hasher openssl
elif echo x | sha256sum >/dev/null 2>&1; then echo hasher sha256sum; fi
for tool in zstd pigz gzip; do echo x | $tool -1 -c >/dev/null 2>&1 && echo "compressor $tool"; done
nice -n 10 true 2>/dev/null && echo 'nice nice -n 10'
echo "nproc $(nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo)"
quota=max period=1
cgroup=/sys/fs/cgroup
read -r quota period 2>/dev/null <$cgroup/cpu.max || {
  read -r quota <$cgroup/cpu/cpu.cfs_quota_us && read -r period <$cgroup/cpu/cpu.cfs_period_us
} 2>/dev/null
echo "quota $quota $period"
while read -r name value rest; do
  [ "$name" = MemAvailable: ] && echo "available $value"
done </proc/meminfo
root=
echo "memory "$(${memoryScript})
exit 0
`;

/** A shell, but nothing that reads a part of a file. */
export class NoReader extends PitstopError {
  constructor(message: string) {
    super('collect-failed', message);
  }
}

/** Looks at the file; throws `NoReader`, or `collect-failed` when it cannot be read. */
export async function lookAt(
  target: Target,
  path: string,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const { numbers, told, tools } = await look(target, path, 'file', signal);
  const [size = '', mtime = '', inode = ''] = numbers.trim().split(/\s+/);
  const [reader] = told('reader');
  if (!reader) throw new NoReader(unreadable(target, path, 'there is neither dd nor tail').message);
  return {
    path,
    sizeBytes: Number(size),
    version: `${mtime} ${inode}`,
    reader: reader as RemoteFile['reader'],
    isCached: Number(size) <= cacheBytes(told) / 2,
    ...tools,
  };
}

/** The same of a directory. */
export async function lookInto(
  target: Target,
  path: string,
  signal: AbortSignal,
): Promise<RemoteTools> {
  return (await look(target, path, 'directory', signal)).tools;
}

async function look(
  target: Target,
  path: string,
  kind: 'file' | 'directory',
  signal: AbortSignal,
): Promise<{
  readonly numbers: string;
  readonly told: (name: string) => readonly string[];
  readonly tools: RemoteTools;
}> {
  const { stdout } = await runScript(target, script, [reach(target, path)], { signal });
  const [outcome = '', numbers = '', ...lines] = stdout.trimEnd().split('\n');
  if (outcome !== kind) throw unreadable(target, path, outcome);
  const told = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const tools: RemoteTools = {
    hasher: (told('hasher')[0] ?? 'none') as RemoteTools['hasher'],
    nice: told('nice')[0] ?? '',
    means: {
      compressors: told('compressor') as Compressor[],
      ...processorsOf(told('nproc')[0], told('quota')[0]),
    },
  };
  return { numbers, told, tools };
}

/** More threads than these make nothing faster: one stream of ours takes what three of zstd's make. */
const mostThreads = 4;

/** What the container may use of its node's processors; half of a limit is left to the app. */
function processorsOf(nproc = '1', quota = 'max'): Pick<Means, 'processors' | 'threads'> {
  const all = Number(nproc) || 1;
  const [used, period] = quota.split(' ').map(Number);
  const limit = used !== undefined && period && used > 0 ? used / period : undefined;
  const processors = Math.min(all, limit ?? all);
  const threads = limit !== undefined && limit < all ? limit / 2 : all;
  return { processors, threads: Math.max(1, Math.min(mostThreads, Math.floor(threads))) };
}

/** What may lie in the page cache: it counts against the container's limit, beside the app's own memory. */
function cacheBytes(told: (name: string) => readonly string[]): number {
  const available = Number(told('available')[0] ?? 0) * 1024;
  const memory = parseCgroupMemory(told('memory')[0] ?? '');
  return memory ? Math.min(available, memory.limitBytes - memory.usedBytes) : available;
}

/** How many ranges are hashed at once: openssl is fast enough alone. */
export function hashersOf({ hasher, means }: RemoteTools): number {
  return hasher === 'sha256sum' && means.processors > 1 ? 2 : 1;
}

function unreadable(target: Target, path: string, outcome: string): PitstopError {
  const reasons: Readonly<Record<string, string>> = {
    missing: 'there is no such file',
    directory: 'it is a directory',
    file: 'it is a file',
    'no-file': 'it is not a regular file',
    unreadable: 'the user that exec runs as may not read it',
  };
  return new PitstopError(
    'collect-failed',
    `${path} in container ${target.container} of pod ${target.namespace}/${target.pod}: ${reasons[outcome] ?? outcome}`,
  );
}

/** Removes the artifact, and the session's own directory around it when that is empty then. */
export async function removeRemote(target: Target, remote: RemoteArtifact): Promise<boolean> {
  const { exitCode } = await runScript(
    target,
    `top=$1
    shift
    for name; do rm -rf -- "$top/$name" || exit 1; done
    [ $# -gt 0 ] || rm -rf -- "$top" || exit 1
    [ -d "$top" ] || top=\${top%/*}
    case $top in */pitstop-*) rmdir -- "$top" 2>/dev/null ;; esac
    exit 0`,
    [reach(target, remote.path), ...(remote.members ?? [])],
    { signal: AbortSignal.timeout(30_000) },
  );
  return exitCode === 0;
}
