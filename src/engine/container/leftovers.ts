import { readPod } from './identity.ts';
import { runScript } from './shell.ts';
import { reach, type Target } from './target.ts';
import { candidatesOf } from './rooms.ts';

/** What a session that was killed has left in the container. */
export interface Leftover {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Ids are eight hexadecimal digits: what is named otherwise is not ours. */
const anyId = '[0-9a-f]'.repeat(8);

/**
 * The work directories that are still there, of one session (`id`) or of any; with `remove` they are
 * gone afterwards.
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
    `remove=$1; ids=$2; root=$3; shift 3
    for place; do
      [ "$place" = '$TMPDIR' ] && place=\${TMPDIR%/}
      [ -n "$place" ] || continue
      for d in "$root$place"/pitstop-$ids; do
        [ -d "$d" ] && [ ! -L "$d" ] || continue
        set -- $(du -sk "$d" 2>/dev/null)
        printf '%s %s\\n' "\${1:-0}" "\${d#"$root"}"
        [ "$remove" = yes ] && rm -rf -- "$d"
      done
    done; exit 0`,
    [
      remove ? 'yes' : 'no',
      id ?? anyId,
      reach(target, '/').slice(0, -1),
      ...candidatesOf(pod, target.container).map(({ path }) => path),
    ],
    { signal },
  );
  const lines = new Set(stdout.split('\n').filter((line) => line !== ''));
  return [...lines].map((line) => {
    const space = line.indexOf(' ');
    return { path: line.slice(space + 1), sizeBytes: Number(line.slice(0, space)) * 1024 };
  });
}
