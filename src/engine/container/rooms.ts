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
  /** A volume: what is written there is still there after a restart of the container. */
  readonly isVolume?: boolean;
  /** The volume that holds the app's own data: written to only where the user says so. */
  readonly onRequest?: boolean;
}

interface Candidate {
  readonly path: string;
  readonly inMemory: boolean;
  readonly limit?: { readonly name: string; readonly bytes: number };
  /** What is there already counts towards the limit, and can be counted: an emptyDir. */
  readonly counted?: boolean;
  readonly isVolume?: boolean;
  readonly onRequest?: boolean;
}

/** Stands for the container's TMPDIR, which only its shell knows. */
const ownTmp = '$TMPDIR';

/**
 * Where a container can be expected to write: its emptyDirs, then the usual places; its other volumes
 * where it is asked for. With `only`, that directory and nothing else.
 */
export function candidatesOf(pod: Pod, containerName: string, only?: string): readonly Candidate[] {
  const all = allCandidates(pod, containerName);
  if (only === undefined) return all;
  const path = only.replace(/(.)\/+$/, '$1');
  const isUnder = (candidate: Candidate) =>
    path === candidate.path || path.startsWith(`${candidate.path}/`);
  const [place] = all.filter(isUnder).toSorted((a, b) => b.path.length - a.path.length);
  const own = all.find((candidate) => candidate.path === ownTmp);
  const { inMemory, limit, isVolume } = place ?? { ...own, inMemory: false };
  return [{ path, inMemory, ...(limit && { limit }), ...(isVolume && { isVolume }) }];
}

function allCandidates(pod: Pod, containerName: string): readonly Candidate[] {
  const container = pod.spec?.containers.find(({ name }) => name === containerName);
  // eviction_manager.go: emptyDirs on disk count towards the Pod's limit, as all containers' files do.
  const podLimit = podStorageLimit(pod);
  const mounted = (container?.volumeMounts ?? []).flatMap((mount): readonly Candidate[] => {
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount.name);
    const path = mount.mountPath.replace(/(.)\/$/, '$1');
    if (!volume || mount.readOnly) return [];
    if (!volume.emptyDir) {
      const isData = volume.persistentVolumeClaim ?? volume.ephemeral ?? volume.nfs ?? volume.csi;
      return isData ? [{ path, inMemory: false, isVolume: true, onRequest: true }] : [];
    }
    const { medium, sizeLimit } = volume.emptyDir;
    const inMemory = medium === 'Memory';
    const own = limitOf(sizeLimit, `sizeLimit of emptyDir ${volume.name}`);
    const limit = inMemory ? own : smaller(own, podLimit);
    const counted = limit !== undefined && limit === own;
    return [
      {
        path,
        inMemory,
        isVolume: true,
        ...(limit && { limit }),
        ...(counted && { counted }),
      },
    ];
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
  const candidates = candidatesOf(pod, target.container, target.remoteDirectory);
  const words = candidates.map(({ path, counted }) => `${counted ? '+' : '-'}${path}`);
  const args = [reach(target, '/').slice(0, -1), ...words];
  const { stdout } = await runScript(target, lookScript, args, { signal });
  const [head = '', ...records] = stdout.split('\u001E');
  const memory = parseMemory(head, { pod, container: target.container, residentBytes });
  return { rooms: parseRooms(records, candidates, memory), memory };
}

/** Each record: the candidate's name, the directory that it is, what `df` says, and KiB used in it. */
export function parseRooms(
  records: readonly string[],
  candidates: readonly Candidate[],
  memory: ContainerMemory | undefined,
): readonly Room[] {
  return records.flatMap((record) => {
    const [name, path = '', df = '', used = ''] = record.split('\u001F');
    const candidate = candidates.find((each) => each.path === name);
    return candidate ? [roomOf({ ...candidate, path }, df, Number(used) * 1024 || 0, memory)] : [];
  });
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
  candidate: Candidate,
  df: string,
  usedBytes: number,
  memory: ContainerMemory | undefined,
): Room {
  const { path, isVolume, onRequest } = candidate;
  const disk = parseDf(df);
  const diskBytes = disk?.freeBytes;
  const inMemory = candidate.inMemory || disk?.isMemory === true;
  const named = candidate.limit && {
    name: candidate.limit.name,
    leftBytes: Math.max(0, candidate.limit.bytes - usedBytes),
  };
  const node = inMemory || onRequest ? undefined : evictionLimit(disk);
  const limit = node && node.leftBytes < (named?.leftBytes ?? Infinity) ? node : named;
  const leftBytes = limit?.leftBytes;
  const headroom = inMemory && memory ? memory.limitBytes - memory.usedBytes : undefined;
  const bounds = [diskBytes, leftBytes, headroom].filter((bytes) => bytes !== undefined);
  return {
    path,
    inMemory,
    diskBytes,
    freeBytes: bounds.length > 0 ? Math.max(0, Math.min(...bounds)) : undefined,
    ...(limit && { limit }),
    ...(isVolume && { isVolume }),
    ...(onRequest && { onRequest }),
  };
}

interface Disk {
  readonly freeBytes: number;
  /** NaN where only what is free could be found out. */
  readonly sizeBytes: number;
  readonly isMemory: boolean;
}

/** POSIX `df -P`: file system, size, used and free of the last line, in KiB. */
function parseDf(df: string): Disk | undefined {
  const [name = '', size, , free] = df.trim().split('\n').at(-1)?.split(/\s+/) ?? [];
  const freeBytes = Number(free) * 1024;
  if (!Number.isFinite(freeBytes)) return undefined;
  const isMemory = ['tmpfs', 'ramfs', 'shm'].includes(name);
  return { freeBytes, sizeBytes: Number(size) * 1024, isMemory };
}

/** Of the node's disk, what a kubelet by its defaults keeps free: imagefs.available<15% is the first to hit. */
const evictionShare = 0.15;

/**
 * Where less of the node's disk is free, the kubelet evicts Pods, those that use most first. One that
 * is below already is configured otherwise, or lost anyway.
 */
function evictionLimit(disk: Disk | undefined): Room['limit'] {
  if (!disk) return undefined;
  const leftBytes = Math.floor(disk.freeBytes - evictionShare * disk.sizeBytes);
  if (!(leftBytes > 0)) return undefined;
  return { name: "node's eviction threshold (15 % of its disk free, by default)", leftBytes };
}

/**
 * The best of the places that have `neededBytes` free: disk before memory, a volume (which outlives a
 * restart of the container) before the container's own files, then most room, and of equals the
 * first. Without a need, a volume goes first only where it has at least half as much room as the
 * roomiest.
 */
export function roomiest<T extends Pick<Room, 'freeBytes' | 'inMemory' | 'isVolume' | 'onRequest'>>(
  rooms: readonly T[],
  neededBytes = 0,
): T | undefined {
  const fitting = rooms.filter(
    ({ freeBytes, onRequest }) =>
      !onRequest && (freeBytes === undefined || freeBytes >= neededBytes),
  );
  const most = Math.max(0, ...fitting.map(({ freeBytes = 0 }) => freeBytes));
  const isPreferred = ({ isVolume, freeBytes = 0 }: T) =>
    isVolume === true && (neededBytes > 0 || freeBytes >= most / 2);
  const [first] = fitting.toSorted(
    (a, b) =>
      Number(a.inMemory) - Number(b.inMemory) || Number(isPreferred(b)) - Number(isPreferred(a)),
  );
  const alike = fitting.filter(
    (room) => room.inMemory === first?.inMemory && isPreferred(room) === isPreferred(first),
  );
  const roomy = Math.max(0, ...alike.map(({ freeBytes = 0 }) => freeBytes)) * nearlyAll;
  return alike.find(({ freeBytes = 0 }) => freeBytes >= roomy);
}

/** Two directories of one file system, asked for one after the other, are not told apart. */
const nearlyAll = 0.9;
