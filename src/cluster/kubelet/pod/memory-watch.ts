import { milliValue } from '../../machinery/codec/quantity.ts';
import { readProcesses, usageOf } from '../runtime/process-usage.ts';
import type { ContainerRun } from './container-run.ts';
import type { PodContext } from './pod-context.ts';

const LOOK_MS = 1000;

/**
 * Holds containers to their memory limit where no cgroup does: looks once a second, and ends one
 * that uses more, as the kernel would. A limit of address space would end every JVM at its start.
 */
export function watchMemory(
  runs: readonly ContainerRun[],
  { node, sayLimit }: Pick<PodContext, 'node' | 'sayLimit'>,
): Disposable {
  if (node.cgroups || process.platform !== 'linux') return { [Symbol.dispose]: () => {} };
  const timer = setInterval(() => {
    const limited = runs.filter(
      (run) => run.state.kind === 'running' && limitOf(run) !== undefined,
    );
    if (limited.length === 0) return;
    const table = readProcesses();
    for (const run of limited) {
      if (run.state.kind !== 'running') continue;
      const { memoryBytes } = usageOf(run.state.process.pid, table);
      if (memoryBytes <= (limitOf(run) ?? 0)) continue;
      run.outOfMemory = true;
      run.state.process.kill();
    }
  }, LOOK_MS);
  if (runs.some((run) => limitOf(run) !== undefined))
    sayLimit(
      'memory',
      `memory limits are looked after once a second at isolation level ${node.runtime.level}: this user may make no memory cgroups`,
    );
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function limitOf({ container }: ContainerRun): number | undefined {
  const milli = milliValue(container.resources?.limits?.['memory'] ?? '0') ?? 0;
  return milli > 0 ? milli / 1000 : undefined;
}
