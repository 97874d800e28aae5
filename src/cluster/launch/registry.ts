import { ClusterError } from './cluster-error.ts';
import { readAccess } from './kubeconfig.ts';
import { gone, signal } from './process-identity.ts';
import { answers } from './readyz.ts';
import {
  clusterDirectory,
  type ClusterRecord,
  isRunning,
  readRecord,
  recordedDirectories,
  removeLog,
  removeRemains,
} from './record.ts';

/** `starting`: not Ready yet. `unreachable`: its process lives, its API does not answer. */
export type ClusterPhase = 'stopped' | 'starting' | 'running' | 'unreachable';

export interface ClusterStatus {
  readonly name: string;
  readonly phase: ClusterPhase;
  /** Absent when stopped. */
  readonly record?: ClusterRecord;
}

/** The record of the running cluster of that name; what a dead one left is removed on the way. */
export async function readCluster(name: string): Promise<ClusterRecord | undefined> {
  return await livingIn(clusterDirectory(name));
}

/** The running clusters of this user, by name. */
export async function listClusters(): Promise<readonly ClusterRecord[]> {
  const found = await Promise.all((await recordedDirectories()).map(livingIn));
  return found.filter((record) => record !== undefined);
}

/** Asks the cluster itself, for at most 2 s. */
export async function clusterStatus(name: string): Promise<ClusterStatus> {
  const record = await readCluster(name);
  if (!record) return { name, phase: 'stopped' };
  if (!record.node) return { name, phase: 'starting', record };
  const access = await readAccess(record.kubeconfigPath);
  const isReady = access !== undefined && (await answers(access));
  return { name, phase: isReady ? 'running' : 'unreachable', record };
}

/**
 * Stops a cluster from any process and waits until it is gone; throws `not-running` when there is
 * none. The process that holds it sees `exited` and goes on without it.
 */
export async function stopCluster(name: string): Promise<void> {
  const record = await readCluster(name);
  if (!record) {
    const hint = 'see which are: kubectl pitstop cluster status';
    throw new ClusterError('not-running', `cluster ${name} is not running`, { hint });
  }
  const target = record.node ?? record.holder;
  for (const [name, patienceMs] of [
    ['SIGTERM', 8000],
    ['SIGKILL', 5000],
  ] as const) {
    signal(target, name);
    if (await gone(target, patienceMs)) {
      await settled(record);
      return;
    }
  }
  throw new ClusterError('stop-failed', `process ${target.pid} of cluster ${name} does not end`);
}

// The holder removes the files itself, and most holders end then; one that has other work lives on.
async function settled(record: ClusterRecord): Promise<void> {
  if (record.holder.pid !== process.pid) await gone(record.holder, 1500);
  await removeRemains(record.directory, record);
  await removeLog(record.directory);
}

async function livingIn(directory: string): Promise<ClusterRecord | undefined> {
  const record = await readRecord(directory);
  if (!record || isRunning(record)) return record;
  await removeRemains(directory, record);
  return undefined;
}
