import { runScript, ownName } from './shell.ts';
import type { Target, TargetProcess } from './target.ts';

/** A process of the container as /proc shows it. */
export interface ContainerProcess extends TargetProcess {
  readonly gid: number;
  readonly parent: number;
  readonly argv: readonly string[];
  /** Target of /proc/PID/exe; empty when another user's is hidden from us. */
  readonly executable: string;
  readonly residentBytes: number;
  /** Numbers of the signals that the process has a handler for. */
  readonly caughtSignals: readonly number[];
  readonly runtime: 'jvm' | 'node' | undefined;
}

export interface ContainerProcesses {
  /** The user that exec runs as. */
  readonly execUid: number;
  readonly processes: readonly ContainerProcess[];
}

// The argument is the process behind the target's root, where we look from an ephemeral container: what
// shares its mount namespace is the container's, and nothing else is.
//
// Records end with RS (036), their fields with US (037); cmdline keeps its NULs. Processes of other
// containers differ in their mount namespace (shareProcessNamespace) or in HOSTNAME, which every
// container has from its Pod. Where our own parent shows, the whole node does (hostPID, or no PID
// namespaces at all): then only a process that has our HOSTNAME is the container's, and none of which
// we may not even see the program: it is another user's of the node.
/** What `sh` runs in the container; exported for its tests. */
export const discoveryScript = `
via=$1
mine=$(readlink "/proc/\${via:-self}/ns/mnt" 2>/dev/null)
facts() {
  uid= gid= parent= rss= caught=
  while read -r key one two rest; do
    case $key in
      PPid:) parent=$one ;;
      Uid:) uid=$two ;;
      Gid:) gid=$two ;;
      VmRSS:) rss=$one ;;
      SigCgt:) caught=$one ;;
    esac
  done <"$1/status"
}
host() { tr '\\0' '\\n' <"$1/environ" 2>/dev/null | sed -n 's/^HOSTNAME=//p'; }
facts /proc/self
here= shared=
if [ -z "$via" ]; then
  here=$HOSTNAME
  [ "$parent" = 0 ] || shared=yes
fi
printf '%s\\036' "$uid"
for d in /proc/[0-9]*; do
  pid=\${d#/proc/}
  [ "$pid" = "$$" ] && continue
  [ -r "$d/status" ] || continue
  other=$(readlink "$d/ns/mnt" 2>/dev/null)
  [ -n "$other$via" ] && [ "$other" != "$mine" ] && continue
  facts "$d" 2>/dev/null || continue
  exe=$(readlink "$d/exe" 2>/dev/null)
  jvm=
  grep -q 'libjvm\\.so' "$d/maps" 2>/dev/null && jvm=jvm
  case "$jvm$exe" in
    '') [ -n "$shared" ] && continue ;;
    jvm*|*/node|*/nodejs|*/java)
      there=$(host "$d")
      [ -n "$there$shared" ] && [ -n "$here" ] && [ "$there" != "$here" ] && continue ;;
  esac
  printf '%s\\037%s\\037%s\\037%s\\037%s\\037%s\\037%s\\037%s\\037' \\
    "$pid" "$parent" "$uid" "$gid" "$rss" "$caught" "$jvm" "$exe"
  cat "$d/cmdline" 2>/dev/null
  printf '\\036'
done
`;

/** The processes of the container, ours left out. Throws `diagnostic-unavailable` without a shell. */
export async function findProcesses(
  target: Target,
  signal: AbortSignal,
): Promise<ContainerProcesses> {
  const { stdout } = await runScript(
    target,
    discoveryScript,
    target.via ? [String(target.via.pid)] : [],
    {
      signal,
      maxBytes: 16 * 1024 * 1024,
    },
  );
  return parseProcesses(stdout);
}

/** Parses what the discovery script printed. */
export function parseProcesses(text: string): ContainerProcesses {
  const [execUid = '', ...records] = text.split('\u001E');
  const all = records.filter((record) => record !== '').map(parseRecord);
  const own = new Set(all.filter(({ argv }) => isOurScript(argv)).map(({ pid }) => pid));
  return {
    execUid: Number(execUid),
    processes: all.filter(
      (process) => process.argv.length > 0 && !isUnder(process, own, all) && !isTool(process.argv),
    ),
  };
}

function parseRecord(record: string): ContainerProcess {
  const [pid, parent, uid, gid, resident, caught, jvm, executable = '', ...rest] =
    record.split('\u001F');
  const argv = rest
    .join('\u001F')
    .replace(/\0+$/, '')
    .split('\0')
    .filter((word, at) => at > 0 || word);
  const command = argv.join(' ');
  return {
    pid: Number(pid),
    parent: Number(parent),
    uid: Number(uid),
    gid: Number(gid),
    residentBytes: Number(resident) * 1024,
    caughtSignals: signalsOf(caught ?? ''),
    executable,
    argv,
    command: command.length > 120 ? `${command.slice(0, 119)}…` : command,
    runtime: runtimeOf(jvm === 'jvm', executable || (argv[0] ?? '')),
  };
}

function runtimeOf(mapsJvm: boolean, executable: string): ContainerProcess['runtime'] {
  const name = baseName(executable);
  if (mapsJvm || name === 'java') return 'jvm';
  return name === 'node' || name === 'nodejs' ? 'node' : undefined;
}

/** SigCgt of /proc/PID/status: bit n-1 is signal n. */
function signalsOf(mask: string): readonly number[] {
  const bits = /^[\da-f]+$/i.test(mask) ? BigInt(`0x${mask}`) : 0n;
  return Array.from({ length: 64 }, (_, at) => at + 1).filter(
    (signal) => ((bits >> BigInt(signal - 1)) & 1n) === 1n,
  );
}

function isOurScript(argv: readonly string[]): boolean {
  return argv.includes(ownName) && argv.includes('-c');
}

function isUnder(
  process: ContainerProcess,
  own: ReadonlySet<number>,
  all: readonly ContainerProcess[],
): boolean {
  const seen = new Set<number>();
  let at: ContainerProcess | undefined = process;
  while (at && !seen.has(at.pid)) {
    if (own.has(at.pid)) return true;
    seen.add(at.pid);
    const { parent }: ContainerProcess = at;
    at = all.find(({ pid }) => pid === parent);
  }
  return false;
}

/** The JDK's own tools are JVMs too, and never what anybody wants to look at. */
function isTool(argv: readonly string[]): boolean {
  const tools = ['jcmd', 'jmap', 'jstack', 'jps', 'jstat', 'jinfo', 'jattach'];
  return (
    tools.includes(baseName(argv[0] ?? '')) ||
    argv.some((word) => /^(jdk\.jcmd\/)?sun\.tools\.j/.test(word))
  );
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/ \(deleted\)$/, '');
}

/** The one to work on when several qualify: the largest in memory. */
export function largest(processes: readonly ContainerProcess[]): ContainerProcess | undefined {
  return [...processes].sort((a, b) => b.residentBytes - a.residentBytes || a.pid - b.pid)[0];
}
