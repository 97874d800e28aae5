import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PitstopError } from '../errors.ts';
import { readPod } from './identity.ts';
import { runScript } from './shell.ts';
import { reach, type Target } from './target.ts';
import type { Room } from './rooms.ts';
import { findRooms, roomiest } from './rooms.ts';

/** A directory in the container that is ours alone. */
export interface WorkDirectory {
  /** As the container's own processes see it. */
  readonly path: string;
  /** What may still be written there; undefined when `df` does not tell. */
  readonly freeBytes: number | undefined;
  /** Removes it with everything in it, also after the session was aborted. */
  remove(): Promise<void>;
}

/**
 * Makes a directory for this session in the roomiest place that the container may write to, an
 * emptyDir rather than /tmp when both are equal (it survives a restart of the container). It belongs
 * to `owner`, if we may give it away. Throws `diagnostic-unavailable` when nothing is writable or
 * has `neededBytes` free.
 */
export async function makeWorkDirectory(
  context: {
    readonly target: Target;
    readonly signal: AbortSignal;
    readonly sessionId?: string | undefined;
    readonly anyRoom?: boolean | undefined;
    /** What is in it stays when it is removed, without our own files; `onKept` is told. */
    readonly keepRemote?: boolean | undefined;
    readonly onKept?: ((directory: string) => void) | undefined;
  },
  options: {
    readonly owner?: { readonly uid: number; readonly gid: number };
    readonly neededBytes?: number | undefined;
  } = {},
): Promise<WorkDirectory> {
  const { target, signal } = context;
  const pod = await readPod(target, signal);
  const { rooms } = await findRooms(target, pod, { signal });
  // Whoever overrides an estimate gets the roomiest place there is.
  const room =
    roomiest(rooms, options.neededBytes) ?? (context.anyRoom ? roomiest(rooms) : undefined);
  if (!room) throw noRoom(target, rooms, options.neededBytes);
  const name = `pitstop-${context.sessionId ?? randomBytes(4).toString('hex')}`;
  const path = `${room.path}/${name}`;
  const { uid, gid } = options.owner ?? {};
  const { exitCode, stderr } = await runScript(
    target,
    'umask 077; mkdir -- "$1" || exit 1; if [ -n "$2" ]; then chown "$2:$3" -- "$1" 2>/dev/null; fi; exit 0',
    [
      reach(target, path),
      uid === undefined ? '' : String(uid),
      gid === undefined ? '' : String(gid),
    ],
    { signal },
  );
  if (exitCode !== 0) {
    throw new PitstopError('diagnostic-failed', `${where(target)}: ${stderr.trim()}`);
  }
  const remove = async () => {
    if (!context.keepRemote) await removeTree(target, path);
    else if (await removeOwn(target, path)) context.onKept?.(path);
  };
  return { path, freeBytes: room.freeBytes, remove };
}

/** Removes what is ours in it, and the directory if nothing else is; true when something is left. */
async function removeOwn(target: Target, path: string): Promise<boolean> {
  const { exitCode } = await runScript(
    target,
    `cd -- "$1" 2>/dev/null || exit 1
    rm -rf started pid exit
    for name in stdout stderr; do [ -s $name ] || rm -f $name; done
    cd / && ! rmdir -- "$1" 2>/dev/null`,
    [reach(target, path)],
    { signal: AbortSignal.timeout(20_000) },
  );
  return exitCode === 0;
}

/** A volume outlives the container: while that restarts, nothing of it can be removed, and then it can. */
async function removeTree(target: Target, path: string): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  for (;;) {
    try {
      await runScript(target, 'rm -rf -- "$1"', [reach(target, path)], { signal });
      return;
    } catch (error) {
      if (!isDown(error)) throw error;
      await sleep(500, undefined, { signal });
    }
  }
}

function isDown(error: unknown): boolean {
  return error instanceof PitstopError && error.code === 'container-not-found';
}

function noRoom(target: Target, rooms: readonly Room[], neededBytes = 0): PitstopError {
  if (target.remoteDirectory !== undefined && rooms.length === 0) {
    return new PitstopError(
      'diagnostic-unavailable',
      `${where(target)}: ${target.remoteDirectory} is no directory that it may write to`,
      { hint: 'leave --remote-dir out to write to the roomiest place' },
    );
  }
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
