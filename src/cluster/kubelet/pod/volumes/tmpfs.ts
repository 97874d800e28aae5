import { spawn } from 'node:child_process';
import { hostTool } from '../../runtime/find-command.ts';
import { VolumeError } from './volume-error.ts';

/** Puts a file system in memory on a directory, in this process's mount namespace; the size in bytes. */
export async function mountTmpfs(path: string, size: number | undefined): Promise<void> {
  const options = `mode=0777${size === undefined ? '' : `,size=${size}`}`;
  const said = await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  if (said !== undefined) throw new VolumeError(`cannot mount a tmpfs: ${said}`);
}

/** Takes mounts away; what is gone already is no failure. */
export async function unmount(paths: readonly string[]): Promise<void> {
  if (paths.length > 0) await run('umount', ['--lazy', ...paths]);
}

/** Undefined, or what the command complained of. */
async function run(command: string, args: readonly string[]): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const child = spawn(hostTool(command), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  child.once('error', (error) => resolve(error.message));
  child.once('close', (code) => resolve(code === 0 ? undefined : complaint.trim()));
  return await promise;
}
