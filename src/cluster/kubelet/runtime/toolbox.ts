import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hostTool } from './find-command.ts';
import { librariesOf } from './libraries.ts';

/** The descriptor by which a process that is being started has the toolbox; closed at the very last. */
const SHELF = '/proc/self/fd/9';

/**
 * What it takes to start a process where the container's root has no shell: the machine's own tools,
 * with the libraries they load, in one directory that is reached through a descriptor.
 */
export interface Toolbox {
  /** Goes before a command line, to hand the toolbox to it. */
  readonly opener: readonly string[];
  /** What to put before the name of a tool, from within the container; words without quotes. */
  readonly prefix: string;
  readonly shell: readonly string[];
  /** The same privileges, given by the toolbox's own setpriv; the last thing before the command. */
  readonly last: (privileges: string) => string;
}

/** Fills the directory unless that was done before. */
export function fillToolbox(directory: string): Toolbox {
  const tools = ['sh', 'umount', 'setpriv'].map((name) => ({ name, path: hostTool(name) }));
  const libraries = librariesOf(tools.map(({ path }) => path).filter(existsSync));
  const loader = libraries.find((path) => /\/ld-[^/]+$/.test(path));
  if (!existsSync(join(directory, 'last'))) {
    mkdirSync(directory, { recursive: true });
    const copies = [
      ...tools.filter(({ path }) => existsSync(path)),
      ...libraries.map((path) => ({ name: path === loader ? 'ld' : basename(path), path })),
    ];
    for (const { name, path } of copies) {
      copyFileSync(path, join(directory, name));
      chmodSync(join(directory, name), 0o755);
    }
    writeFileSync(join(directory, 'last'), 'exec 9<&-\nexec "$@"\n', { mode: 0o644 });
    chmodSync(directory, 0o755);
  }
  const prefix = loader ? `${SHELF}/ld --library-path ${SHELF} ${SHELF}/` : `${SHELF}/`;
  const shell = `${prefix}sh`.split(' ');
  return {
    opener: ['/bin/sh', '-c', 'exec 9<"$0" && exec "$@"', directory],
    prefix,
    shell,
    last: (privileges) => {
      const words =
        privileges === '' ? [] : [`${prefix}setpriv`, ...privileges.split(' ').slice(1)];
      return [...words, ...shell, `${SHELF}/last`].join(' ');
    },
  };
}
