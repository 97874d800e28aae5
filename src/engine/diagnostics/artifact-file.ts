import { runScript } from '../container/shell.ts';
import { reach } from '../container/target.ts';
import type { DiagnosticContext, RemoteArtifact } from './diagnostic.ts';

type Kind = Pick<RemoteArtifact, 'format' | 'extension'> & { readonly removable?: boolean };

/** The file at `path` as an artifact; undefined when there is none, or nothing in it. */
export async function artifactOf(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  path: string,
  { format, extension, removable = true }: Kind,
): Promise<RemoteArtifact | undefined> {
  const { stdout } = await runScript(
    target,
    '[ -f "$1" ] && { stat -L -c %s -- "$1" 2>/dev/null || wc -c <"$1"; }',
    [reach(target, path)],
    { signal },
  );
  const sizeBytes = Number(stdout.trim());
  return sizeBytes > 0 ? { path, sizeBytes, format, extension, removable } : undefined;
}

/** Removes everything from a work directory but what goes home; `undefined` = all but our own files. */
export async function keepOnly(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  directory: string,
  names: string | readonly string[] | undefined,
): Promise<void> {
  await runScript(
    target,
    `cd -- "$1" || exit 1
    shift
    [ $# = 0 ] && { rm -rf started pid exit; exit 0; }
    for f in * .[!.]* ..?*; do
      for kept; do [ "$f" = "$kept" ] && continue 2; done
      rm -rf -- "$f"
    done
    exit 0`,
    [reach(target, directory), ...[names ?? []].flat()],
    { signal },
  );
}
