import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { runScript } from './shell.ts';
import { memoryScript, parseMemory, type ContainerMemory } from './memory.ts';
import { reach, type Target } from './target.ts';
import { bytesOf } from './quantity.ts';

/** A directory that the container may write to. */
export interface Room {
  readonly path: string;
  /** tmpfs: what is written there counts as the container's memory. */
  readonly inMemory: boolean;
  /** What may be written there, all limits considered; undefined when `df` does not tell. */
  readonly freeBytes: number | undefined;
  /** What the file system alone has free. */
  readonly diskBytes: number | undefined;
  /** What is left of the limit beyond which the kubelet evicts the Pod, and which limit that is. */
  readonly limit?: { readonly name: string; readonly leftBytes: number };
}

interface Candidate {
  readonly path: string;
  readonly inMemory: boolean;
  readonly limit?: { readonly name: string; readonly bytes: number };
  /** What is there already counts towards the limit, and can be counted: an emptyDir. */
  readonly counted?: boolean;
}

/** Stands for the container's TMPDIR, which only its shell knows. */
const ownTmp = '$TMPDIR';

/** Where a container can be expected to write: its emptyDirs, then the usual places. */
export function candidatesOf(pod: Pod, containerName: string): readonly Candidate[] {
  const container = pod.spec?.containers.find(({ name }) => name === containerName);
  // eviction_manager.go: emptyDirs on disk count towards the Pod's limit, as all containers' files do.
  const podLimit = podStorageLimit(pod);
  const mounted = (container?.volumeMounts ?? []).flatMap((mount) => {
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount.name);
    if (!volume?.emptyDir || mount.readOnly) return [];
    const { medium, sizeLimit } = volume.emptyDir;
    const inMemory = medium === 'Memory';
    const own = limitOf(sizeLimit, `sizeLimit of emptyDir ${volume.name}`);
    const limit = inMemory ? own : smaller(own, podLimit);
    const counted = limit !== undefined && limit === own;
    return {
      path: mount.mountPath.replace(/(.)\/$/, '$1'),
      inMemory,
      ...(limit && { limit }),
      ...(counted && { counted }),
    };
  });
  const limit = smaller(
    limitOf(storageLimit(container), `ephemeral-storage limit of container ${containerName}`),
    podLimit,
  );
  const usual = [ownTmp, '/tmp', '/var/tmp'].map((path) => ({
    path,
    inMemory: false,
    ...(limit && { limit }),
  }));
  return [...mounted, ...usual, { path: '/dev/shm', inMemory: true }];
}

type Limit = NonNullable<Candidate['limit']>;

function storageLimit(container: Container | undefined): string | undefined {
  return container?.resources?.limits?.['ephemeral-storage'];
}

function limitOf(quantity: string | undefined, name: string): Limit | undefined {
  const bytes = quantity === undefined ? undefined : bytesOf(quantity);
  return bytes === undefined ? undefined : { name, bytes };
}

/** The sum over the containers that have one. */
function podStorageLimit({ spec }: Pod): Limit | undefined {
  const limits = (spec?.containers ?? []).flatMap(
    (container) => limitOf(storageLimit(container), '')?.bytes ?? [],
  );
  if (limits.length === 0) return undefined;
  return {
    name: "ephemeral-storage limits of the Pod's containers",
    bytes: limits.reduce((sum, bytes) => sum + bytes, 0),
  };
}

function smaller(one: Limit | undefined, other: Limit | undefined): Limit | undefined {
  if (!one || !other) return one ?? other;
  return other.bytes < one.bytes ? other : one;
}

/** What a container may write to, and how much; and what its memory limit leaves. */
export interface Housing {
  readonly rooms: readonly Room[];
  readonly memory: ContainerMemory | undefined;
}

/** Looks for writable directories in the container; `residentBytes` is what is known to be used. */
export async function findRooms(
  target: Target,
  pod: Pod,
  { residentBytes = 0, signal }: { readonly residentBytes?: number; readonly signal: AbortSignal },
): Promise<Housing> {
  const candidates = candidatesOf(pod, target.container);
  const words = candidates.map(({ path, counted }) => `${counted ? '+' : '-'}${path}`);
  const args = [reach(target, '/').slice(0, -1), ...words];
  const { stdout } = await runScript(target, lookScript, args, { signal });
  const [head = '', ...records] = stdout.split('\u001E');
  const memory = parseMemory(head, { pod, container: target.container, residentBytes });
  const rooms = records.flatMap((record) => {
    const [name, path = '', df = '', used = ''] = record.split('\u001F');
    const candidate = candidates.find((each) => each.path === name);
    return candidate ? [roomOf({ ...candidate, path }, df, Number(used) * 1024 || 0, memory)] : [];
  });
  return { rooms, memory };
}

// `$root` is what the container's paths begin with for us; TMPDIR is then of its first process.
// busybox's df looks for the mount in its own table, where another container's are not.
const lookScript = `root=$1
shift
free() { stat -f -c '%a %S' "$1" 2>/dev/null | { read -r blocks size && echo "- - - $((blocks * size / 1024))"; }; }
tmp=$TMPDIR
[ -n "$root" ] && tmp=$(tr '\\0' '\\n' <"\${root%/root}/environ" 2>/dev/null | sed -n 's/^TMPDIR=//p')
${memoryScript}
for word; do
  name=\${word#?}
  d=$name
  [ "$name" = '${ownTmp}' ] && d=\${tmp%/}
  seen=$root$d
  [ -n "$d" ] && [ -d "$seen" ] && [ -w "$seen" ] && [ -x "$seen" ] || continue
  printf '\\036%s\\037%s\\037' "$name" "$d"
  df -Pk "$seen" 2>/dev/null || free "$seen"
  printf '\\037'
  case $word in
    +*)
      limit=
      command -v timeout >/dev/null 2>&1 && limit='timeout 5'
      $limit du -sk "$seen" 2>/dev/null | cut -f1 ;;
  esac
done
exit 0`;

function roomOf(
  { path, inMemory, limit }: Candidate,
  df: string,
  usedBytes: number,
  memory: ContainerMemory | undefined,
): Room {
  const diskBytes = freeOf(df);
  const leftBytes = limit && Math.max(0, limit.bytes - usedBytes);
  const headroom = inMemory && memory ? memory.limitBytes - memory.usedBytes : undefined;
  const bounds = [diskBytes, leftBytes, headroom].filter((bytes) => bytes !== undefined);
  return {
    path,
    inMemory,
    diskBytes,
    freeBytes: bounds.length > 0 ? Math.max(0, Math.min(...bounds)) : undefined,
    ...(limit && leftBytes !== undefined && { limit: { name: limit.name, leftBytes } }),
  };
}

/** POSIX `df -P`: the fourth column of the last line, in KiB. */
function freeOf(df: string): number | undefined {
  const columns = df.trim().split('\n').at(-1)?.split(/\s+/) ?? [];
  const kib = Number(columns[3]);
  return Number.isFinite(kib) ? kib * 1024 : undefined;
}

/** Disk before memory, then most room; places as roomy as one another keep their order. */
export function roomiest<
  T extends { readonly freeBytes: number | undefined; readonly inMemory: boolean },
>(rooms: readonly T[], neededBytes = 0): T | undefined {
  return rooms
    .filter(({ freeBytes }) => freeBytes === undefined || freeBytes >= neededBytes)
    .toSorted(
      (a, b) => Number(a.inMemory) - Number(b.inMemory) || (b.freeBytes ?? 0) - (a.freeBytes ?? 0),
    )[0];
}
