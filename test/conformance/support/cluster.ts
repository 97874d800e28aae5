import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { Cluster } from '../../../src/cluster/index.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the kubeconfig of the cluster under test. */
    readonly kubeconfig: string;
    /** Whether that is a cluster of ours, not one that was given. */
    readonly embedded: boolean;
  }
}

/** One cluster for the whole run: the one of `KUBECONFIG`, or else an embedded one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['KUBECONFIG'];
  project.provide('embedded', !given);
  if (given) {
    project.provide('kubeconfig', given);
    return async () => {};
  }
  await using undo = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-conformance-'));
  undo.defer(() => rm(directory, { recursive: true, force: true }));
  const cluster = undo.use(
    await Cluster.start({
      name: `conformance-${randomBytes(4).toString('hex')}`,
      directory: join(directory, 'cluster'),
    }),
  );
  project.provide('kubeconfig', cluster.kubeconfigPath);
  const held = undo.move();
  return () => held.disposeAsync();
}
