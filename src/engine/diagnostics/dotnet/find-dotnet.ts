import { findProcesses, type ContainerProcess } from '../../container/processes.ts';
import { runScript } from '../../container/shell.ts';
import { reach } from '../../container/target.ts';
import type { DiagnosticContext } from '../diagnostic.ts';
import { speakerNames, type SpeakerName } from './speakers.ts';

/** A .NET process with an open diagnostic port, and what the container has to speak to it. */
export interface DotnetProcess {
  readonly process: ContainerProcess;
  /** Path of its socket, as we reach it. */
  readonly socket: string;
  /** Where its socket and its tools' are: the TMPDIR it was started with. */
  readonly tmpdir: string;
  /** Absolute path of each tool that the container has. */
  readonly tools: Readonly<Partial<Record<DotnetTool, string>>>;
  readonly speaker: SpeakerName | undefined;
  /** Why the runtime cannot start the program that writes its dumps; undefined where it can, or none may look. */
  readonly noDumper: string | undefined;
}

export type DotnetTool = 'dotnet-dump' | 'dotnet-gcdump' | 'dotnet-stack';

export interface NoDotnet {
  readonly reason: string;
  /** An ephemeral container as the process's user may do it. */
  readonly mayWorkAside?: boolean;
}

// Every CoreCLR since 3.0 opens dotnet-diagnostic-PID-KEY-socket in its TMPDIR, unless it was told not
// to; a process that maps libcoreclr.so and has none was. createdump lies beside libcoreclr.so; a
// program that is one file has that within itself, and looks beside itself.
const findScript = `
root=$1
shift
for pid; do
  tmpdir=$(tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^TMPDIR=//p')
  tmpdir=\${tmpdir:-/tmp}
  tmpdir=\${tmpdir%/}
  socket=
  for file in "$root$tmpdir/dotnet-diagnostic-$pid"-*-socket; do [ -S "$file" ] && socket=$file; done
  runs=
  grep -q 'libcoreclr\\.so' "/proc/$pid/maps" 2>/dev/null && runs=yes
  [ -n "$socket$runs" ] || continue
  library=$(sed -n 's#^[^/]*\\(/.*/libcoreclr\\.so\\)$#\\1#p' "/proc/$pid/maps" 2>/dev/null | head -n 1)
  beside=\${library:-$(readlink "/proc/$pid/exe" 2>/dev/null)}
  dumper=\${beside%/*}/createdump
  obstacle=
  if [ -n "$beside" ]; then
    if [ ! -e "$root$dumper" ]; then obstacle="$dumper is not there"
    elif [ ! -x "$root$dumper" ]; then obstacle="$dumper may not be executed"; fi
  fi
  printf '%s\\037%s\\037%s\\037%s\\036' "$pid" "$socket" "$tmpdir" "$obstacle"
done
printf '\\035'
for tool in dotnet-dump dotnet-gcdump dotnet-stack; do
  found=$(command -v $tool 2>/dev/null)
  for folder in "$HOME/.dotnet/tools" /root/.dotnet/tools /tools /opt/dotnet-tools; do
    [ -z "$found" ] && [ -x "$folder/$tool" ] && found=$folder/$tool
  done
  [ -n "$found" ] && printf '%s\\036' "$found"
done
printf '\\035'
for speaker in ${speakerNames.join(' ')}; do
  command -v $speaker >/dev/null 2>&1 || continue
  [ $speaker = nc ] && ! nc -h 2>&1 | grep -q -e '-U' && continue
  echo $speaker
  break
done
exit 0`;

/** Finds the .NET process to work on, the largest where there are several. */
export async function findDotnet(
  { target, signal }: Pick<DiagnosticContext, 'target' | 'signal'>,
  { pid: asked }: { readonly pid?: number | undefined },
): Promise<DotnetProcess | NoDotnet> {
  const { execUid, processes } = await findProcesses(target, signal);
  const candidates = processes
    .filter(({ pid, runtime }) => runtime === undefined && (asked === undefined || pid === asked))
    .toSorted((a, b) => b.residentBytes - a.residentBytes);
  const root = reach(target, '/').slice(0, -1);
  const words = [root, ...candidates.map(({ pid }) => String(pid))];
  const { stdout } = await runScript(target, findScript, words, { signal });
  const found = parseFound(stdout);
  const matches = candidates.filter(({ pid }) => found.sockets.has(pid));
  const process = matches.find(({ pid }) => found.sockets.get(pid)?.socket) ?? matches[0];
  if (!process) {
    const which = asked === undefined ? '' : ` as pid ${asked}`;
    return { reason: `no .NET runs in the container${which}` };
  }
  const { pid, uid } = process;
  const { socket = '', tmpdir = '/tmp', noDumper } = found.sockets.get(pid) ?? {};
  if (socket === '') {
    return {
      reason: `.NET (pid ${pid}) has no diagnostic socket in ${tmpdir} (DOTNET_EnableDiagnostics=0?)`,
    };
  }
  if (execUid !== 0 && execUid !== uid) {
    return {
      reason: `.NET (pid ${pid}) runs as uid ${uid} and exec as uid ${execUid}: its diagnostic socket is closed to us`,
      mayWorkAside: true,
    };
  }
  return { process, socket, tmpdir, tools: found.tools, speaker: found.speaker, noDumper };
}

/** Parses what the script printed: processes, tools, speaker. */
function parseFound(text: string): {
  readonly sockets: ReadonlyMap<number, Pick<DotnetProcess, 'socket' | 'tmpdir' | 'noDumper'>>;
  readonly tools: DotnetProcess['tools'];
  readonly speaker: SpeakerName | undefined;
} {
  const [processes = '', tools = '', speaker = ''] = text.split('\u001D');
  const records = (part: string) => part.split('\u001E').filter((record) => record !== '');
  return {
    sockets: new Map(
      records(processes).map((record) => {
        const [pid = '', socket = '', tmpdir = '', noDumper] = record.split('\u001F');
        return [Number(pid), { socket, tmpdir, noDumper: noDumper || undefined }];
      }),
    ),
    tools: Object.fromEntries(
      records(tools).map((path) => [path.slice(path.lastIndexOf('/') + 1), path]),
    ),
    speaker: speakerNames.find((name) => name === speaker.trim()),
  };
}

/**
 * A command line of one of .NET's tools: it looks for sockets where the process has its own, unpacks
 * itself into our directory, and opens no socket itself.
 */
export function toolWords(
  { tmpdir }: DotnetProcess,
  directory: string,
  words: readonly string[],
): readonly string[] {
  return [
    'env',
    `TMPDIR=${tmpdir}`,
    `DOTNET_BUNDLE_EXTRACT_BASE_DIR=${directory}`,
    `HOME=${directory}`,
    'DOTNET_EnableDiagnostics=0',
    ...words,
  ];
}
