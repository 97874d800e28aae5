import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { ClusterError, type ClusterErrorCode } from './cluster-error.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { compileCache, nodeEntry } from './entry.ts';
import { clusterDirectory, type ClusterRecord, filesOf, readRecord } from './record.ts';
import { requireSense } from './require-sense.ts';

export type DetachedOptions = Omit<ClusterOptions, 'signal' | 'log'>;

/** Keeper → whoever started it. */
export type FromKeeper =
  | { readonly type: 'kept' }
  | {
      readonly type: 'refused';
      readonly code: ClusterErrorCode;
      readonly message: string;
      readonly hint?: string | undefined;
    };

/**
 * Starts a cluster that outlives this process and resolves with its record when it is Ready. It is
 * held by a keeper in the background, which ends with it; the log goes to `cluster.log`.
 */
export async function startDetached(options: DetachedOptions = {}): Promise<ClusterRecord> {
  requireSense(options);
  const { name = 'pitstop' } = options;
  const directory = options.directory ?? clusterDirectory(name);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await using log = await open(filesOf(directory).log, 'a', 0o600);
  const keeper = spawn(process.execPath, [nodeEntry(), 'keeper'], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
    env: { ...compileCache(process.env), ...process.env },
  });
  const { promise, resolve, reject } = Promise.withResolvers<FromKeeper>();
  keeper.on('message', resolve);
  keeper.on('error', reject);
  keeper.on('exit', (code, signal) =>
    reject(
      new ClusterError('start-failed', `the keeper of cluster ${name} ended (${signal ?? code})`, {
        hint: `see ${filesOf(directory).log}`,
      }),
    ),
  );
  keeper.send({ ...options, directory, name } satisfies DetachedOptions);
  const answer = await promise;
  if (keeper.connected) keeper.disconnect();
  keeper.unref();
  if (answer.type === 'refused') {
    const hint = answer.hint ?? `see ${filesOf(directory).log}`;
    throw new ClusterError(answer.code, answer.message, { hint });
  }
  const record = await readRecord(directory);
  if (!record)
    throw new ClusterError('start-failed', `cluster ${name} ended right after its start`);
  return record;
}
