import { ownName } from '../container/shell.ts';

/** Printed after each answer of a kept reader; no line of /proc/net looks like it. */
export const endOfAnswer = 'pitstop: end of sockets';

/**
 * A way to read the sockets with what a container has. `kept`: one command that answers each line on
 * its stdin with all files and `endOfAnswer`, until stdin ends. Otherwise its commands are run at
 * every look.
 */
export type SocketReader =
  | { readonly kept: true; readonly name: string; readonly command: readonly string[] }
  | {
      readonly kept: false;
      readonly name: string;
      readonly commands: readonly (readonly string[])[];
    };

// A dual-stack listener shows its IPv4 connections in tcp6 only; without IPv6 there is no tcp6. The
// route tells the node's end of the Pod's network, where probes come from.
const files = ['/proc/net/tcp', '/proc/net/tcp6', '/proc/net/route'] as const;

// Without cat the shell reads by itself: slower, but every shell can. Only a kernel that hides /proc
// leaves nothing to read, and that must not look like a Pod without connections.
const shellScript = `
[ -r ${files[0]} ] || exit 66
if command -v cat >/dev/null 2>&1; then show() { cat "$1"; }
else show() { while IFS= read -r line; do echo "$line"; done <"$1"; }; fi
while read -r _; do
  for file in ${files.join(' ')}; do [ -r "$file" ] && show "$file"; done
  echo '${endOfAnswer}'
done`;

const pythonProgram = `
import sys
while sys.stdin.readline():
    for name in ${JSON.stringify(files)}:
        try:
            sys.stdout.write(open(name).read())
        except IOError:
            if name == '${files[0]}': sys.exit(66)
    sys.stdout.write('${endOfAnswer}\\n')
    sys.stdout.flush()`;

const nodeProgram = `
const { existsSync, readFileSync } = require('fs');
process.stdin.on('data', (bytes) => {
  for (const byte of bytes) {
    if (byte !== 10) continue;
    for (const name of ${JSON.stringify(files)}) {
      if (existsSync(name)) process.stdout.write(readFileSync(name, 'latin1'));
      else if (name === '${files[0]}') process.exit(66);
    }
    process.stdout.write('${endOfAnswer}\\n');
  }
});`;

/** In the order they are tried: the usual, then what distroless images have instead of a shell. */
export const socketReaders: readonly SocketReader[] = [
  { kept: true, name: 'sh', command: ['sh', '-c', shellScript, ownName] },
  { kept: true, name: 'busybox', command: ['/busybox/sh', '-c', shellScript, ownName] },
  { kept: false, name: 'cat', commands: [['cat', ...files]] },
  { kept: true, name: 'python3', command: ['python3', '-u', '-c', pythonProgram] },
  { kept: true, name: 'node', command: ['node', '-e', nodeProgram] },
  { kept: true, name: 'distroless node', command: ['/nodejs/bin/node', '-e', nodeProgram] },
  { kept: false, name: 'head', commands: files.map((file) => ['head', '-c', '67108864', file]) },
  { kept: false, name: 'dd', commands: files.map((file) => ['dd', `if=${file}`, 'bs=65536']) },
];
