import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Image } from '../../src/cluster/kubelet/images.ts';
import { findCommand } from '../../src/cluster/kubelet/runtime/find-command.ts';

const tools =
  'sh bash cat chmod chown cut dd df du env false grep head id kill ls mkdir mv nproc od printf ps pwd readlink rm rmdir sed setsid sha256sum sleep sort stat tail tar tee touch tr true uname wc gzip perl socat'.split(
    ' ',
  );

/**
 * An image as small ones for debugging are: a shell with the usual tools, and neither Node nor a JDK.
 * It stands for the one that pitstop takes, which the embedded cluster has not.
 */
export function workbox(): Image {
  const found = tools.flatMap(
    (name) => findCommand(name, { path: '/usr/bin:/bin', directory: '/' }) ?? [],
  );
  const files = [...found, ...perlModules()].filter((path) => existsSync(path));
  return {
    command: [],
    args: ['sh'],
    files: files.map((path) => ({ source: path, target: path, readOnly: true })),
    bare: true,
  };
}

/** Where perl has the module it speaks to sockets with. */
function perlModules(): string[] {
  const perl = findCommand('perl', { path: '/usr/bin:/bin', directory: '/' });
  if (perl === undefined) return [];
  const { stdout } = spawnSync(
    perl,
    ['-MSocket', '-e', 'print $INC{"Socket.pm"} =~ s|/Socket.pm$||r'],
    { encoding: 'utf8' },
  );
  return stdout ? [stdout] : [];
}
