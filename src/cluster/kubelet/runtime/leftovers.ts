import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identify, signal, type ProcessIdentity } from '../../launch/process-identity.ts';

const RECORD = 'process.json';

/**
 * Notes which process a container is, beside its files: a later life of the node finds it there.
 * The number alone would not do, because numbers are used again.
 */
export function recordProcess(directory: string, pid: number): void {
  const identity = identify(pid);
  if (identity) writeFileSync(join(directory, RECORD), JSON.stringify(identity));
}

/**
 * Ends what an earlier life of this node has left running and removes what it has left on disk;
 * `directory` holds the Pods. A process that only has the number of one of ours is left alone.
 */
export async function clearLeftovers(directory: string): Promise<void> {
  for (const pod of namesIn(directory)) {
    for (const identity of recordsBelow(join(directory, pod, 'containers')))
      signal(identity, 'SIGKILL');
    await rm(join(directory, pod), { recursive: true, force: true, maxRetries: 3 });
  }
}

function recordsBelow(containers: string): ProcessIdentity[] {
  return namesIn(containers).flatMap((name) =>
    namesIn(join(containers, name)).flatMap((attempt) => {
      try {
        const text = readFileSync(join(containers, name, attempt, RECORD), 'utf8');
        const { pid, started } = JSON.parse(text) as Partial<ProcessIdentity>;
        return typeof pid === 'number' && typeof started === 'string' ? [{ pid, started }] : [];
      } catch {
        return [];
      }
    }),
  );
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
