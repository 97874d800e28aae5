import { birthFunction, killDetachedScript } from './detached-script.ts';
import { readPod } from './identity.ts';
import { runScript } from './shell.ts';
import { reach, type Target } from './target.ts';
import { candidatesOf } from './rooms.ts';

/** What a session that was killed has left in the container. */
export interface Leftover {
  readonly path: string;
  readonly sizeBytes: number;
  /** What was started there still runs. */
  readonly isRunning: boolean;
}

/** Ids are eight hexadecimal digits: what is named otherwise is not ours. */
const anyId = '[0-9a-f]'.repeat(8);

/**
 * The work directories that are still there, of one session (`id`) or of any; with `remove` they are
 * gone afterwards, and what was started there is ended.
 */
export async function findLeftovers(
  target: Target,
  {
    id,
    remove = false,
    signal,
  }: { readonly id?: string; readonly remove?: boolean; readonly signal: AbortSignal },
): Promise<readonly Leftover[]> {
  // The id goes into a pattern of the shell, and comes from an annotation that anybody may have written.
  if (id !== undefined && !/^[\w-]+$/.test(id)) return [];
  const pod = await readPod(target, signal);
  const { stdout } = await runScript(
    target,
    `ids=$1; root=$2; shift 2
    ${birthFunction}
    for place; do
      [ "$place" = '$TMPDIR' ] && place=\${TMPDIR%/}
      [ -n "$place" ] || continue
      for d in "$root$place"/pitstop-$ids; do
        [ -d "$d" ] && [ ! -L "$d" ] || continue
        set -- $(du -sk "$d" 2>/dev/null)
        runs=- pid= born=
        if [ ! -f "$d/exit" ] && [ -f "$d/pid" ] && read -r pid born <"$d/pid"; then
          kill -0 "$pid" 2>/dev/null && [ "$(birth "$pid")" = "$born" ] && runs=+
        fi
        printf '%s%s %s\\n' "$runs" "\${1:-0}" "\${d#"$root"}"
      done
    done; exit 0`,
    [
      id ?? anyId,
      reach(target, '/').slice(0, -1),
      ...candidatesOf(pod, target.container).map(({ path }) => path),
      ...(target.remoteDirectory === undefined ? [] : [target.remoteDirectory]),
    ],
    { signal },
  );
  const lines = new Set(stdout.split('\n').filter((line) => line !== ''));
  const found = [...lines].map((line): Leftover => {
    const space = line.indexOf(' ');
    const sizeBytes = Number(line.slice(1, space)) * 1024;
    return { path: line.slice(space + 1), sizeBytes, isRunning: line.startsWith('+') };
  });
  if (remove) for (const { path } of found) await removeLeftover(target, path, signal);
  return found;
}

async function removeLeftover(target: Target, path: string, signal: AbortSignal): Promise<void> {
  const args = [reach(target, path)];
  await runScript(target, killDetachedScript, args, { signal });
  await runScript(target, 'rm -rf -- "$1"', args, { signal });
}
