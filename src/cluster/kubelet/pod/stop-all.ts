import { stopRun } from './container-lifecycle.ts';
import type { ContainerRun } from './container-run.ts';
import type { Grace } from './grace.ts';
import type { PodContext } from './pod-context.ts';

/** Ends the containers of a Pod within one grace; resolves when all have ended. */
export async function stopAll(context: PodContext, grace: Grace): Promise<void> {
  const { runs } = context;
  const stop = (run: ContainerRun) =>
    stopRun(run, { message: `Stopping container ${run.container.name}`, grace, context });
  const sidecars = runs.filter(({ role }) => role === 'sidecar');
  await Promise.all(runs.filter(({ role }) => role !== 'sidecar').map(stop));
  // KEP-753: sidecars end after the containers they serve, the last one started first.
  for (const sidecar of sidecars.toReversed()) await stop(sidecar);
}
