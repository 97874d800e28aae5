import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ProxyFollows } from '../balancer/index.ts';
import { removeCgroups } from '../cgroup-directories.ts';
import type { Level } from '../network/index.ts';
import { ClusterError } from './cluster-error.ts';
import { gone, isAlive, type ProcessIdentity, signal } from './process-identity.ts';
import { reap } from './reap.ts';

/** What is known of a cluster on this machine, in `state.json` of its directory. */
export interface ClusterRecord {
  readonly name: string;
  /** One start of the cluster. */
  readonly uid: string;
  readonly directory: string;
  readonly kubeconfigPath: string;
  readonly proxyFollows: ProxyFollows;
  /** RFC 3339 */
  readonly startedAt: string;
  /** The process that called `Cluster.start`: the cluster does not outlive it. */
  readonly holder: ProcessIdentity;
  /** Absent while the cluster is starting. */
  readonly node?: ProcessIdentity;
  readonly level?: Level;
  /** Why the level is not `namespaces`, if it is not and was not asked for. */
  readonly levelReason?: string;
  /** `https://127.0.0.1:PORT` */
  readonly server?: string;
}

/** `$XDG_STATE_HOME/pitstop/clusters`, by default under `~/.local/state`. */
export function clustersDirectory(): string {
  const home = process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(home, 'pitstop', 'clusters');
}

export function clusterDirectory(name: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
    throw new ClusterError('name-invalid', `"${name}" cannot name a cluster`, {
      hint: 'use up to 40 lower case letters, digits and "-", with a letter or digit at both ends',
    });
  }
  return join(clustersDirectory(), name);
}

/** The files of a cluster's directory. */
export function filesOf(directory: string) {
  return {
    record: join(directory, 'state.json'),
    kubeconfig: join(directory, 'kubeconfig'),
    log: join(directory, 'cluster.log'),
    data: join(directory, 'node'),
  };
}

/** The record in a directory, of a living or a dead cluster; undefined when there is none. */
export async function readRecord(directory: string): Promise<ClusterRecord | undefined> {
  const text = await readFile(filesOf(directory).record, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as ClusterRecord;
  } catch {
    return undefined;
  }
}

/** A node that has lost its holder is about to end. */
export function isRunning(record: ClusterRecord): boolean {
  return isAlive(record.holder);
}

export async function recordedDirectories(): Promise<readonly string[]> {
  const root = clustersDirectory();
  const names = await readdir(root).catch(() => []);
  return names.toSorted((a, b) => a.localeCompare(b)).map((name) => join(root, name));
}

/** Takes the directory for this start; refused while another start of the cluster lives there. */
export async function claim(record: ClusterRecord): Promise<void> {
  const { record: path } = filesOf(record.directory);
  const temporary = await writeFirst(path, record);
  try {
    for (;;) {
      try {
        // link() fails when the name exists: of two starts at once, one gets it.
        await link(temporary, path);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const existing = await readRecord(record.directory);
      if (existing && isRunning(existing)) {
        throw new ClusterError('already-running', `cluster ${record.name} is already running`, {
          hint: `stop it first, or start one of another name (its kubeconfig: ${existing.kubeconfigPath})`,
        });
      }
      await removeRemains(record.directory, existing);
    }
  } finally {
    await rm(temporary, { force: true });
  }
}

export async function updateRecord(record: ClusterRecord): Promise<void> {
  const { record: path } = filesOf(record.directory);
  await rename(await writeTemporary(path, record), path);
}

/** Removes what a stopped or killed cluster has left: processes (level loopback), files, record. */
export async function removeRemains(
  directory: string,
  record: Pick<ClusterRecord, 'uid' | 'node'> | undefined,
): Promise<void> {
  if (record) {
    if (await isOfAnother(directory, record.uid)) return;
    if (record.node && signal(record.node, 'SIGKILL')) await gone(record.node, 5000);
    await reap(record.uid);
    await removeCgroups(record.uid);
  }
  await removeFiles(directory);
}

/** What a node does for a holder that is gone: its own processes end with it. */
export async function removeOwnFiles(directory: string, uid: string): Promise<void> {
  if (!(await isOfAnother(directory, uid))) await removeFiles(directory);
}

/** Whether a later start of the cluster has the directory by now. */
async function isOfAnother(directory: string, uid: string): Promise<boolean> {
  const current = await readRecord(directory);
  return current !== undefined && current.uid !== uid;
}

async function removeFiles(directory: string): Promise<void> {
  const files = filesOf(directory);
  await rm(files.data, { recursive: true, force: true });
  await rm(files.kubeconfig, { force: true });
  await rm(files.record, { force: true });
  // The log of a cluster that nobody has stopped is for whoever asks why it ended.
  await rmdir(directory).catch(() => {});
}

/** After an orderly stop: the log has nothing to tell any more. */
export async function removeLog(directory: string): Promise<void> {
  if (await readRecord(directory)) return;
  await rm(filesOf(directory).log, { force: true });
  await rmdir(directory).catch(() => {});
}

// Whoever ends at this moment removes the directory while it is empty.
async function writeFirst(path: string, record: ClusterRecord): Promise<string> {
  for (;;) {
    await mkdir(record.directory, { recursive: true, mode: 0o700 });
    try {
      return await writeTemporary(path, record);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

async function writeTemporary(path: string, record: ClusterRecord): Promise<string> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(temporary, JSON.stringify(record, null, 2) + '\n', { mode: 0o600, flag: 'wx' });
  return temporary;
}
