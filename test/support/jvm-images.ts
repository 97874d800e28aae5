import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Image } from '../../src/cluster/kubelet/images.ts';

/** The JDKs of this machine: their homes by release. */
export function findJdks(): ReadonlyMap<number, string> {
  const folder = '/usr/lib/jvm';
  const homes = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return new Map(
    homes.flatMap((home) => {
      const release = join(home, 'release');
      if (!existsSync(join(home, 'bin', 'jcmd')) || !existsSync(release)) return [];
      const [, version] = /JAVA_VERSION="(?:1\.)?(\d+)/.exec(readFileSync(release, 'utf8')) ?? [];
      return version === undefined ? [] : [[Number(version), realpathSync(home)] as const];
    }),
  );
}

// What busybox would have in the image of a JRE, as the machine's own programs.
const programs =
  'awk base64 cat chmod chown cut date dd df du env grep gzip head id kill ls mkdir mktemp mv nproc od ps readlink rm rmdir sed setsid sh sha256sum sleep stat tail tar timeout touch tr true uname wc'.split(
    ' ',
  );

/** An image with a Java runtime, a shell and the usual small programs: no JDK tools, no perl or the like. */
export function jreImage(home: string, app: string): Image {
  const tools = programs.flatMap((name) => {
    const source = findProgram(name);
    return source === undefined ? [] : [{ source, target: `/bin/${name}`, readOnly: true }];
  });
  // Debian keeps what a JDK is configured by below /etc, and links to it.
  const configured = readdirSync('/etc')
    .filter((name) => /^java-\d+-openjdk$/.test(name) && home.includes(name.slice(0, 7)))
    .map((name) => ({ source: `/etc/${name}`, target: `/etc/${name}`, readOnly: true }));
  const runtime = ['bin/java', 'lib', 'conf', 'release']
    .filter((name) => existsSync(join(home, name)))
    .map((name) => ({ source: join(home, name), target: `/opt/jre/${name}`, readOnly: true }));
  return {
    command: ['/opt/jre/bin/java', '-cp', '/app', 'App'],
    env: { PATH: '/opt/jre/bin:/bin' },
    files: [...tools, ...configured, ...runtime, { source: app, target: '/app', readOnly: true }],
    bare: true,
  };
}

/** An image with a whole JDK, and with everything that this machine has. */
export function jdkImage(home: string, app: string): Image {
  return {
    command: [join(home, 'bin', 'java'), '-cp', '/app', 'App'],
    files: [{ source: app, target: '/app', readOnly: true }],
  };
}

function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = [...folders, '/usr/bin', '/bin', '/usr/sbin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
  return found && realpathSync(found);
}
