import type { Speaker } from '../jvm.ts';

/** Name of the class that `java` speaks by, and of its file without the extension. */
export const speakerClass = 'AttachSpeaker';

// Each is told the socket and a diagnostic command, and says `1 jcmd COMMAND "" ""` with a NUL after
// each word: version 1 of the protocol, which every HotSpot understands (later ones speak 2 as well).
// The answer is a line with a code, then what `jcmd` prints.

const perl = `use Socket;
socket(S, AF_UNIX, SOCK_STREAM, 0) && connect(S, pack_sockaddr_un($ARGV[0])) or die "$ARGV[0]: $!\\n";
syswrite S, join("\\0", 1, "jcmd", $ARGV[1], "", "", "");
my $code = <S>;
defined $code or die "the JVM closed the connection without an answer\\n";
print $part while read S, $part, 65536;
exit($code == 0 ? 0 : 1);`;

const python = `import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"\\0".join([b"1", b"jcmd", os.fsencode(sys.argv[2]), b"", b"", b""]))
f = s.makefile("rb")
code = f.readline()
code or sys.exit("the JVM closed the connection without an answer")
while True:
    part = f.read(65536)
    if not part: break
    sys.stdout.buffer.write(part)
sys.stdout.flush()
sys.exit(0 if int(code) == 0 else 1)`;

const node = `let said = Buffer.alloc(0), code;
const [path, command] = process.argv.slice(1);
require('net').connect(path, function () {
  this.write(['1', 'jcmd', command, '', '', ''].join('\\0'));
}).on('data', (part) => {
  if (code !== undefined) return process.stdout.write(part);
  said = Buffer.concat([said, part]);
  const end = said.indexOf(10);
  if (end < 0) return;
  code = Number(said.subarray(0, end));
  process.stdout.write(said.subarray(end + 1));
}).on('error', (error) => { console.error(error.message); code = 1; })
  .on('close', () => { process.exitCode = code === 0 ? 0 : 1; });`;

/** For what only carries bytes; its own words are the script's arguments from the third on. */
const pipe = `socket=$1 command=$2
shift 2
printf '1\\0jcmd\\0%s\\0\\0\\0' "$command" | "$@" | { read -r code; cat; [ "$code" = 0 ]; }`;

/** The words that say `command` to the JVM behind `socket`; `folder` has the class file for `java`. */
export function speakerWords(
  { name, path }: Speaker,
  { socket, command, folder }: Record<'socket' | 'command' | 'folder', string>,
): readonly string[] {
  switch (name) {
    case 'perl':
      return [path, '-e', perl, socket, command];
    case 'python3':
      return [path, '-c', python, socket, command];
    case 'node':
      return [path, '-e', node, socket, command];
    case 'socat':
      // A day: without it socat waits half a second for what comes after the end of its input.
      return ['sh', '-c', pipe, 'sh', socket, command, path, '-t', '86400', '-', `UNIX:${socket}`];
    case 'nc':
      return ['sh', '-c', pipe, 'sh', socket, command, path, '-U', socket];
    case 'java':
      return [path, ...leanJvm, '-cp', folder, speakerClass, socket, command];
  }
}

/** For a JVM that only carries words: little memory, a quick start. */
export const leanJvm: readonly string[] = [
  '-XX:+IgnoreUnrecognizedVMOptions',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
  '-Xmx48m',
];
