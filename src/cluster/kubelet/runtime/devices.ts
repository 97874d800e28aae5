import { spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
const LINKS = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
  ptmx: 'pts/ptmx',
};

/** Makes the one /dev that all containers see: the usual devices and their own pseudo terminals. */
export async function prepareDevices(directory: string): Promise<void> {
  mkdirSync(join(directory, 'pts'), { recursive: true });
  mkdirSync(join(directory, 'shm'), { recursive: true });
  // The termination log of each container is bound over this.
  writeFileSync(join(directory, 'termination-log'), '');
  for (const [name, target] of Object.entries(LINKS))
    if (!existsSync(join(directory, name))) symlinkSync(target, join(directory, name));
  const binds = DEVICES.filter((name) => existsSync(`/dev/${name}`)).map((name) => {
    writeFileSync(join(directory, name), '');
    return `/dev/${name} ${join(directory, name)} none bind 0 0`;
  });
  const pts = join(directory, 'pts');
  const terminals = [
    `devpts ${pts} devpts newinstance,ptmxmode=0666,mode=620 0 0`,
    // Terminals are opened by this process; taken from the containers' own, they have a name there.
    ...(isContained() ? [`${pts} /dev/pts none bind 0 0`] : []),
    ...(isContained() && !lstatSync('/dev/ptmx').isSymbolicLink()
      ? [`${join(pts, 'ptmx')} /dev/ptmx none bind 0 0`]
      : []),
  ];
  const fstab = join(directory, '..', 'devices.fstab');
  writeFileSync(fstab, `${[...binds, ...terminals].join('\n')}\n`);
  await run('mount', ['--all', '--fstab', fstab]);
}

/** Takes the devices out again: a directory with mounts in it cannot be removed. */
export async function releaseDevices(directory: string): Promise<void> {
  const mounts = ['pts', ...DEVICES].map((name) => join(directory, name));
  await run('umount', ['--lazy', ...mounts]);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(command, args, { stdio: 'ignore' });
  child.once('error', reject);
  child.once('exit', () => resolve());
  await promise;
}

/** Never on the machine's own /dev: the kernel gives its first PID namespace this number. */
function isContained(): boolean {
  return readlinkSync('/proc/self/ns/pid') !== 'pid:[4026531836]';
}
