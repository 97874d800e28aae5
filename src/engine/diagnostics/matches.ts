import { runScript } from '../container/shell.ts';
import { reach, type Target } from '../container/target.ts';
import type { ArtifactFormat, RemoteArtifact } from './diagnostic.ts';
import { kindOf } from './kind-of.ts';

/** What a pattern of the user's names in the container. */
export interface Match {
  /** Absolute, as the container's own processes see it. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** Of a directory, all that is in it. */
  readonly sizeBytes: number;
}

// A name is taken literally before it is read as a pattern; fields are split by nothing, so that a
// pattern may have spaces and a name any character at all but NUL.
const matchScript = `
where=$1
shift
one() {
  d=-
  [ -d "$1" ] && d=d
  if [ $d = d ]; then
    set -- "$1" "$(du -sk "$1" 2>/dev/null | cut -f1)"
    set -- "$1" $((\${2:-0} * 1024))
  else
    set -- "$1" "$(stat -L -c %s -- "$1" 2>/dev/null || wc -c <"$1")"
  fi
  printf '%s %s %s\\0' "$d" "$(($2))" "$1"
}
for pattern; do
  case $pattern in /*) ;; *) pattern=\${PWD%/}/$pattern ;; esac
  if [ -e "$pattern" ]; then one "$pattern"; continue; fi
  case $pattern in *[*?[]*) ;; *) continue ;; esac
  IFS=
  for name in $pattern; do [ -f "$name" ] || [ -d "$name" ] && one "$name"; done
  unset IFS
done
exit 0`;

/** The files and directories that the patterns name, each once; those that are not there are none. */
export async function findMatches(
  { target, signal }: { readonly target: Target; readonly signal: AbortSignal },
  patterns: readonly string[],
): Promise<readonly Match[]> {
  const root = reach(target, '/').slice(0, -1);
  const { stdout } = await runScript(
    target,
    matchScript,
    [root, ...patterns.map((pattern) => reach(target, pattern))],
    { signal, maxBytes: 16 * 1024 * 1024 },
  );
  const found = new Map<string, Match>();
  for (const record of stdout.split('\0')) {
    const [, kind, size, seen = ''] = /^([d-]) (\d+) ([^]*)$/.exec(record) ?? [];
    if (kind === undefined) continue;
    const path = seen.slice(root.length).replace(/(.)\/+$/, '$1');
    found.set(path, { path, isDirectory: kind === 'd', sizeBytes: Number(size) });
  }
  return [...found.values()];
}

/**
 * The matches as the one artifact that they are: a file, a directory, or several of either, of the
 * directory that they have in common. Undefined without any, or where all there is is empty files.
 */
export function artifactOfMatches(
  found: readonly Match[],
  {
    removable,
    kind,
  }: {
    readonly removable: boolean;
    readonly kind?: Partial<Pick<RemoteArtifact, 'format' | 'extension'>> | undefined;
  },
): RemoteArtifact | undefined {
  const directories = found.filter(({ isDirectory }) => isDirectory);
  const matches = found.filter(
    ({ path }) => !directories.some((directory) => path.startsWith(`${directory.path}/`)),
  );
  const [first] = matches;
  if (!first) return undefined;
  const sizeBytes = matches.reduce((sum, match) => sum + match.sizeBytes, 0);
  if (matches.length === 1 && !first.isDirectory) {
    if (sizeBytes === 0) return undefined;
    return { path: first.path, sizeBytes, removable, ...kindOf(first.path), ...kind };
  }
  const format: ArtifactFormat = 'directory';
  const several = { sizeBytes, removable, format, extension: '.tar' };
  if (matches.length === 1) return { path: first.path, ...several };
  const path = commonDirectory(matches.map((match) => match.path));
  const start = path === '/' ? 1 : path.length + 1;
  return { path, members: matches.map((match) => match.path.slice(start)), ...several };
}

function commonDirectory(paths: readonly string[]): string {
  const folders = paths.map((path) => path.split('/').slice(0, -1));
  const [first = []] = folders;
  const differs = first.findIndex((name, at) => folders.some((folder) => folder[at] !== name));
  const shared = differs === -1 ? first : first.slice(0, differs);
  return shared.join('/') || '/';
}
