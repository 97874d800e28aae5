import { runScript } from '../container/shell.ts';
import { reach, type Target } from '../container/target.ts';
import { PitstopError } from '../errors.ts';
import type { RemoteFile } from './remote-file.ts';
import { StreamProblem } from './stream-problem.ts';

// Its last line tells an answer from the beginning of one.
const script = `
if [ ! -f "$1" ]; then echo missing
elif [ ! -r "$1" ]; then echo unreadable
else stat -L -c '%s %Y %i' -- "$1" 2>/dev/null || echo; fi
echo looked
`;

/**
 * Whether the file whose beginning has come was written to since. Throws `OtherFile` when it is another
 * one (a container that was restarted may have written one of the same name), and `collect-failed`
 * where there is none any more.
 */
export async function isWrittenSince(
  target: Target,
  { path, sizeBytes, version }: RemoteFile,
  signal: AbortSignal,
): Promise<boolean> {
  const { stdout } = await runScript(target, script, [reach(target, path)], { signal });
  const [found = '', end] = stdout.split('\n');
  if (end !== 'looked') throw new StreamProblem(`${path} could not be looked at`);
  if (found === 'missing' || found === 'unreadable') throw lost(target, path, found);
  const [size, mtime, inode] = found.split(' ');
  // No `stat` there: nothing tells files apart, as before.
  if (inode === undefined) return false;
  if (Number(size) === sizeBytes && `${mtime} ${inode}` === version) return false;
  const isGrown = Number(size) >= sizeBytes && version.endsWith(` ${inode}`);
  if (!isGrown) throw new OtherFile();
  return true;
}

function lost(
  { namespace, pod, container }: Target,
  path: string,
  how: 'missing' | 'unreadable',
): PitstopError {
  const now = how === 'missing' ? 'is not there any more' : 'may not be read any more';
  return new PitstopError(
    'collect-failed',
    `${path} in container ${container} of pod ${namespace}/${pod} ${now}: it went while it was on its way home`,
    { hint: `kubectl get pod ${pod} -n ${namespace}` },
  );
}

/** What has come is the beginning of another file than is there now. */
export class OtherFile extends Error {
  override readonly name = 'OtherFile';
}
