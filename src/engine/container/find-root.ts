import { PitstopError } from '../errors.ts';
import { runScript } from './shell.ts';
import type { Target } from './target.ts';

/** The first process of the container that is worked on, as an ephemeral container sees it. */
export interface FoundRoot {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Its files are open to us under /proc/PID/root. */
  readonly isOpen: boolean;
}

// Where the kernel shows another container's cgroup, it names the container's id; its mount namespace
// shows to who may look at its files. What lies in our own namespace is ours.
const script = `
id=$1
mine=$(readlink /proc/self/ns/mnt)
for d in /proc/[0-9]*; do
  [ -r "$d/status" ] || continue
  space=$(readlink "$d/ns/mnt" 2>/dev/null)
  [ "$space" = "$mine" ] && continue
  uid= gid= name=
  while read -r key one two rest; do
    case $key in
      Name:) name=$one ;;
      Uid:) uid=$two ;;
      Gid:) gid=$two ;;
    esac
  done <"$d/status" 2>/dev/null
  named=no
  [ -n "$id" ] && grep -q "$id" "$d/cgroup" 2>/dev/null && named=yes
  open=no
  [ -d "$d/root/proc" ] && [ -x "$d/root/" ] && open=yes
  echo "\${d#/proc/} \${uid:--1} \${gid:--1} $named $open \${space:--} $name"
done`;

interface Seen extends FoundRoot {
  readonly isNamed: boolean;
  readonly space: string;
  readonly name: string;
}

/**
 * Finds it from within the ephemeral container `helper`. Throws `debug-container` when none of its
 * processes shows, or several containers' do and nothing tells which is whose.
 */
export async function findRoot(
  target: Target,
  helper: string,
  {
    containerId,
    uid,
    signal,
  }: {
    readonly containerId: string;
    /** Of the process to look through, where the container has others too. */
    readonly uid?: number | undefined;
    readonly signal: AbortSignal;
  },
): Promise<FoundRoot> {
  const id = containerId.replace(/^.*:\/\//, '');
  const aside = { ...target, via: undefined, container: helper };
  const { stdout } = await runScript(aside, script, [id], { signal });
  const found = chooseRoot(stdout, uid);
  if (typeof found !== 'string') return found;
  const where = `container ${target.container} of pod ${target.namespace}/${target.pod}`;
  if (found === 'hidden') {
    throw new PitstopError(
      'debug-container',
      `ephemeral container ${helper} does not see the processes of ${where}: its container runtime does not let containers share them`,
      { hint: 'spec.shareProcessNamespace of the Pod lets them be seen' },
    );
  }
  throw new PitstopError(
    'debug-container',
    `ephemeral container ${helper} sees the processes of several containers, and not which are those of ${where}`,
    { hint: 'a container of the Pod with a shell may do: -c NAME' },
  );
}

/** The container's first process among those that the script has printed; or why it cannot be told. */
export function chooseRoot(text: string, wantedUid?: number): FoundRoot | 'hidden' | 'ambiguous' {
  const all = parseSeen(text);
  const own = all.filter((each) => each.uid === wantedUid);
  const seen = own.length > 0 ? own : all;
  const named = seen.filter(({ isNamed }) => isNamed);
  // Where all containers share their processes, the Pod's sandbox has one too.
  const unnamed = seen.filter(({ name }) => name !== 'pause');
  const open = unnamed.filter(({ isOpen }) => isOpen);
  const candidates = [named, open, unnamed].find(({ length }) => length > 0) ?? [];
  const [first] = candidates.toSorted((a, b) => a.pid - b.pid);
  if (!first) return 'hidden';
  const spaces = new Set(candidates.flatMap(({ space }) => (space === '-' ? [] : [space])));
  if (named.length === 0 && spaces.size > 1) return 'ambiguous';
  const { pid, uid, gid, isOpen } = first;
  return { pid, uid, gid, isOpen };
}

function parseSeen(text: string): readonly Seen[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [pid, uid, gid, named, open, space = '-', ...name] = line.split(' ');
      return {
        pid: Number(pid),
        uid: Number(uid),
        gid: Number(gid),
        isNamed: named === 'yes',
        isOpen: open === 'yes',
        space,
        name: name.join(' '),
      };
    });
}
