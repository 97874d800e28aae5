import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Level } from '../../cluster/index.ts';

export interface DemoCluster extends AsyncDisposable {
  readonly name: string;
  readonly kubeconfigPath: string;
  readonly level: string;
  /** Why the level is not `namespaces`, if it is not and was not asked for. */
  readonly levelReason: string | undefined;
  /** From now on disposing leaves the cluster running (only for one that was started with `keep`). */
  readonly leaveRunning: () => void;
}

/**
 * Starts a cluster of the demo's own. Disposing stops it and removes every trace. An interruption
 * after the start does not stop it: the Pod must be put back first.
 */
export async function startDemoCluster(options: {
  readonly keep: boolean;
  readonly level: Level | undefined;
  readonly signal: AbortSignal;
}): Promise<DemoCluster> {
  await using undo = new AsyncDisposableStack();
  const name = `demo-${randomBytes(3).toString('hex')}`;
  const start = options.keep ? startKept : startHeld;
  const cluster = await start({
    name,
    ...(options.level && { level: options.level }),
    signal: options.signal,
  });
  let stopping = true;
  undo.defer(async () => {
    if (stopping) await cluster.stop();
  });
  const kept = undo.move();
  return {
    name,
    kubeconfigPath: cluster.kubeconfigPath,
    level: cluster.level,
    levelReason: cluster.levelReason,
    leaveRunning: () => {
      stopping = false;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

interface Start {
  readonly name: string;
  readonly level?: Level;
  readonly signal: AbortSignal;
}

interface Started {
  readonly kubeconfigPath: string;
  readonly level: string;
  readonly levelReason?: string;
  readonly stop: () => Promise<void>;
}

/** Lives in this process: nothing of it outlives the demo, however that ends. */
async function startHeld({ signal, ...options }: Start): Promise<Started> {
  const { Cluster } = await import('../../cluster/index.ts');
  const starting = new AbortController();
  const abort = (): void => starting.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  signal.throwIfAborted();
  // The cluster's own to remove once it has started, even when this process is killed.
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-demo-'));
  try {
    return await Cluster.start({ ...options, directory, signal: starting.signal });
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Lives in a keeper of its own and under its name in the user's state, as `cluster start --detach`. */
async function startKept({ name, level: wanted, signal }: Start): Promise<Started> {
  const { startDetached, stopCluster } = await import('../../cluster/index.ts');
  signal.throwIfAborted();
  const record = await startDetached({ name, ...(wanted && { level: wanted }) });
  return { ...record, level: record.level ?? 'unknown', stop: () => stopCluster(name) };
}
