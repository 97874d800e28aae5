import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** The variable every process of a cluster inherits; its value is the uid of one start. */
export const clusterVariable = 'PITSTOP_CLUSTER';

/**
 * Kills every process that carries the mark of this start, again until none is found: a process may
 * fork while it is being looked for. At level `namespaces` the kernel has already done it.
 */
export async function reap(uid: string): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    const pids = await marked(uid);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    await delay(10);
  }
}

/** The living processes that carry the mark of this start. Linux only; elsewhere none. */
export async function marked(uid: string): Promise<readonly number[]> {
  const mark = `${clusterVariable}=${uid}\0`;
  const entries = await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
      .map(async (pid) => {
        // Other users' processes cannot be read, and cannot be ours.
        const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
        return `\0${environment}\0`.includes(`\0${mark}`) ? [Number(pid)] : [];
      }),
  );
  return found.flat();
}
