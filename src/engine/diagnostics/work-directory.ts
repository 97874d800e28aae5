import { randomBytes } from 'node:crypto';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../errors.ts';
import { readPod } from './container-identity.ts';
import { runScript } from './container-shell.ts';
import type { DiagnosticContext, Target } from './diagnostic.ts';
import { bytesOf } from './quantity.ts';

/** A directory in the container that is ours alone. */
export interface WorkDirectory {
  readonly path: string;
  /** What may still be written there; undefined when `df` does not tell. */
  readonly freeBytes: number | undefined;
  /** Removes it with everything in it, also after the session was aborted. */
  remove(): Promise<void>;
}

interface Candidate {
  readonly path: string;
  /** tmpfs: what is written there counts as the container's memory. */
  readonly inMemory: boolean;
  readonly limitBytes: number | undefined;
}

interface Room extends Candidate {
  readonly freeBytes: number | undefined;
}

/**
 * Makes a directory for this session in the roomiest place that the container may write to, an
 * emptyDir rather than /tmp when both are equal (it survives a restart of the container). It belongs
 * to `owner`, if we may give it away. Throws `diagnostic-unavailable` when nothing is writable or
 * has `neededBytes` free.
 */
export async function makeWorkDirectory(
  context: Pick<DiagnosticContext, 'target' | 'signal' | 'sessionId'>,
  options: {
    readonly owner?: { readonly uid: number; readonly gid: number };
    readonly neededBytes?: number | undefined;
  } = {},
): Promise<WorkDirectory> {
  const { target, signal } = context;
  const pod = await readPod(target, signal);
  const rooms = await measure(target, candidatesOf(pod, target.container), signal);
  const room = roomiest(rooms, options.neededBytes);
  if (!room) throw noRoom(target, rooms, options.neededBytes);
  const name = `pitstop-${context.sessionId ?? randomBytes(4).toString('hex')}`;
  const path = `${room.path}/${name}`;
  const { uid, gid } = options.owner ?? {};
  const { exitCode, stderr } = await runScript(
    target,
    'umask 077; mkdir -- "$1" || exit 1; if [ -n "$2" ]; then chown "$2:$3" -- "$1" 2>/dev/null; fi; exit 0',
    [path, uid === undefined ? '' : String(uid), gid === undefined ? '' : String(gid)],
    { signal },
  );
  if (exitCode !== 0) {
    throw new PitstopError('diagnostic-failed', `${where(target)}: ${stderr.trim()}`);
  }
  return { path, freeBytes: room.freeBytes, remove: () => removeTree(target, path) };
}

async function removeTree(target: Target, path: string): Promise<void> {
  await runScript(target, 'rm -rf -- "$1"', [path], { signal: AbortSignal.timeout(20_000) });
}

/** Stands for the container's TMPDIR, which only its shell knows. */
const ownTmp = '$TMPDIR';

/** Where a container can be expected to write: its emptyDirs, then the usual places. */
export function candidatesOf(pod: Pod, containerName: string): readonly Candidate[] {
  const container = pod.spec?.containers.find(({ name }) => name === containerName);
  const limit = container?.resources?.limits?.['ephemeral-storage'];
  const limitBytes = limit === undefined ? undefined : bytesOf(limit);
  const mounted = (container?.volumeMounts ?? []).flatMap((mount) => {
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount.name);
    if (!volume?.emptyDir || mount.readOnly) return [];
    const { medium, sizeLimit } = volume.emptyDir;
    return {
      path: mount.mountPath.replace(/(.)\/$/, '$1'),
      inMemory: medium === 'Memory',
      limitBytes: sizeLimit === undefined ? undefined : bytesOf(sizeLimit),
    };
  });
  const usual = [ownTmp, '/tmp', '/var/tmp'].map((path) => ({
    path,
    inMemory: false,
    limitBytes,
  }));
  const shared = { path: '/dev/shm', inMemory: true, limitBytes: undefined };
  return [...mounted, ...usual, shared];
}

async function measure(
  target: Target,
  candidates: readonly Candidate[],
  signal: AbortSignal,
): Promise<readonly Room[]> {
  const { stdout } = await runScript(
    target,
    `for name; do
      d=$name
      [ "$name" = '${ownTmp}' ] && d=\${TMPDIR%/}
      [ -d "$d" ] && [ -w "$d" ] && [ -x "$d" ] || continue
      printf '\\036%s\\037%s\\037' "$name" "$d"
      df -Pk "$d" 2>/dev/null
    done`,
    candidates.map(({ path }) => path),
    { signal },
  );
  return stdout
    .split('\u001E')
    .slice(1)
    .flatMap((record) => {
      const [name, path = '', df = ''] = record.split('\u001F');
      const candidate = candidates.find((each) => each.path === name);
      if (!candidate) return [];
      return [{ ...candidate, path, freeBytes: freeOf(df, candidate.limitBytes) }];
    });
}

/** POSIX `df -P`: the fourth column of the last line, in KiB. */
function freeOf(df: string, limitBytes: number | undefined): number | undefined {
  const columns = df.trim().split('\n').at(-1)?.split(/\s+/) ?? [];
  const kib = Number(columns[3]);
  const free = Number.isFinite(kib) ? kib * 1024 : undefined;
  if (free === undefined || limitBytes === undefined) return free ?? limitBytes;
  return Math.min(free, limitBytes);
}

/** Disk before memory, then most room; places as roomy as one another keep their order. */
export function roomiest(rooms: readonly Room[], neededBytes = 0): Room | undefined {
  return rooms
    .filter(({ freeBytes }) => freeBytes === undefined || freeBytes >= neededBytes)
    .sort(
      (a, b) => Number(a.inMemory) - Number(b.inMemory) || (b.freeBytes ?? 0) - (a.freeBytes ?? 0),
    )[0];
}

function noRoom(target: Target, rooms: readonly Room[], neededBytes = 0): PitstopError {
  if (rooms.length === 0) {
    return new PitstopError(
      'diagnostic-unavailable',
      `${where(target)}: no directory is writable (read-only root file system?)`,
      { hint: 'give the container an emptyDir to write to' },
    );
  }
  const most = rooms.map((room) => `${room.path} ${mebibytes(room.freeBytes ?? 0)}`).join(', ');
  return new PitstopError(
    'diagnostic-unavailable',
    `${where(target)}: the result may need ${mebibytes(neededBytes)}, but only this is free: ${most}`,
    { hint: 'a thread dump needs next to nothing: --diagnostic=jvm-threads' },
  );
}

function where({ namespace, pod, container }: Target): string {
  return `container ${container} of pod ${namespace}/${pod}`;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MiB`;
}
