import { runScript } from '../container/shell.ts';
import { reach, type Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';

/** A file in a container, and what the container has to read it with. */
export interface RemoteFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** `mtime inode`, as far as the container tells: another value means another file. */
  readonly version: string;
  readonly reader: 'dd' | 'tail';
  readonly hasher: 'openssl' | 'sha256sum' | 'none';
}

// openssl comes first: it uses the CPU's SHA instructions, coreutils often does not (8 times slower).
const script = `
if [ ! -e "$1" ]; then echo missing; exit; fi
if [ ! -f "$1" ]; then echo no-file; exit; fi
if [ ! -r "$1" ]; then echo unreadable; exit; fi
echo found
stat -L -c '%s %Y %i' -- "$1" 2>/dev/null || echo "$(wc -c <"$1") 0 0"
for tool in dd tail; do
  command -v $tool >/dev/null 2>&1 && command -v head >/dev/null 2>&1 && { echo $tool; break; }
done
echo x | openssl dgst -sha256 -r >/dev/null 2>&1 && { echo openssl; exit; }
echo x | sha256sum >/dev/null 2>&1 && { echo sha256sum; exit; }
echo none
`;

/** Looks at the file; throws `collect-failed` when it cannot be read. */
export async function lookAt(
  target: Target,
  path: string,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const { stdout } = await runScript(target, script, [reach(target, path)], { signal });
  const [outcome = '', numbers = '', ...tools] = stdout.trim().split('\n');
  if (outcome !== 'found') throw unreadable(target, path, outcome);
  const [size = '', mtime = '', inode = ''] = numbers.trim().split(/\s+/);
  const reader = tools.find((tool) => tool === 'dd' || tool === 'tail');
  const hasher = tools.find((tool) => tool === 'openssl' || tool === 'sha256sum') ?? 'none';
  if (!reader) throw unreadable(target, path, 'neither dd nor tail and head are in the container');
  return { path, sizeBytes: Number(size), version: `${mtime} ${inode}`, reader, hasher };
}

function unreadable(target: Target, path: string, outcome: string): PitstopError {
  const reasons: Readonly<Record<string, string>> = {
    missing: 'there is no such file',
    'no-file': 'it is not a regular file',
    unreadable: 'the user that exec runs as may not read it',
  };
  return new PitstopError(
    'collect-failed',
    `${path} in container ${target.container} of pod ${target.namespace}/${target.pod}: ${reasons[outcome] ?? outcome}`,
  );
}

/** Removes the file, and the session's own directory around it when that is empty then. */
export async function removeRemote(target: Target, path: string): Promise<boolean> {
  const { exitCode } = await runScript(
    target,
    `rm -f -- "$1" || exit 1
    case "\${1%/*}" in */pitstop-*) rmdir -- "\${1%/*}" 2>/dev/null ;; esac
    exit 0`,
    [reach(target, path)],
    { signal: AbortSignal.timeout(30_000) },
  );
  return exitCode === 0;
}
