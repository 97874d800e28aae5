import { readPod } from './container-identity.ts';
import { runScript } from './container-shell.ts';
import type { Target } from './diagnostic.ts';
import { candidatesOf } from './work-directory.ts';

/** What a session that was killed has left in the container. */
export interface Leftover {
  readonly path: string;
  readonly sizeBytes: number;
}

/** The work directories of a session that are still there; with `remove` they are gone afterwards. */
export async function findLeftovers(
  target: Target,
  sessionId: string,
  { remove, signal }: { readonly remove: boolean; readonly signal: AbortSignal },
): Promise<readonly Leftover[]> {
  const pod = await readPod(target, signal);
  const paths = candidatesOf(pod, target.container).map(
    ({ path }) => `${path}/pitstop-${sessionId}`,
  );
  const { stdout } = await runScript(
    target,
    `remove=$1; shift
    for d; do
      [ -d "$d" ] || continue
      set -- $(du -sk "$d" 2>/dev/null)
      printf '%s %s\\n' "\${1:-0}" "$d"
      [ "$remove" = yes ] && rm -rf -- "$d"
    done; exit 0`,
    [remove ? 'yes' : 'no', ...paths],
    { signal },
  );
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const space = line.indexOf(' ');
      return { path: line.slice(space + 1), sizeBytes: Number(line.slice(0, space)) * 1024 };
    });
}
