import { once } from 'node:events';
import { ClusterError } from './cluster-error.ts';
import { Cluster } from './cluster.ts';
import type { DetachedOptions, FromKeeper } from './detached.ts';

/** Holds one cluster in the background until it ends or a signal ends it. */
export async function keep(): Promise<void> {
  const stopping = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => stopping.abort(new Error(`keeper got ${name}`)));
  }
  const [options] = (await once(process, 'message')) as [DetachedOptions];
  try {
    const cluster = await Cluster.start({
      ...options,
      signal: stopping.signal,
      log: (line) => process.stderr.write(line + '\n'),
    });
    answer({ type: 'kept' });
    await cluster.exited;
  } catch (error) {
    const { message } = error as Error;
    answer(
      error instanceof ClusterError
        ? { type: 'refused', code: error.code, message, hint: error.hint }
        : { type: 'refused', code: 'start-failed', message },
    );
  }
}

// Whoever asked may be gone by now; the cluster is kept for others too.
function answer(message: FromKeeper): void {
  if (process.connected) process.send?.(message, () => process.connected && process.disconnect());
}
