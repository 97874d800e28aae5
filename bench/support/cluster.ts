import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Cluster } from '../../src/cluster/index.ts';

const run = promisify(execFile);

export interface BenchCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  /** For what the benchmark writes; removed at its end. */
  readonly directory: string;
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
}

/** A cluster and a directory for one benchmark. */
export async function benchCluster(): Promise<BenchCluster> {
  await using given = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-bench-'));
  given.defer(() => rm(directory, { recursive: true, force: true }));
  const name = `bench-${process.pid}`;
  const cluster = given.use(await Cluster.start({ name, directory: join(directory, 'cluster') }));
  const taken = given.move();
  return {
    cluster,
    directory,
    kubectl: async (...args) =>
      (await run('kubectl', ['--kubeconfig', cluster.kubeconfigPath, ...args])).stdout,
    [Symbol.asyncDispose]: () => taken.disposeAsync(),
  };
}
