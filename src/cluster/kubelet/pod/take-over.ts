import type { Pod } from 'kubernetes-types/core/v1.js';
import { newRun, type ContainerRun } from './container-run.ts';

/**
 * Takes over what has changed in a Pod's spec: new ephemeral containers, and other images. Returns
 * the running containers that must be started anew for it.
 */
export function takeOver(runs: ContainerRun[], { spec }: Pod): ContainerRun[] {
  const find = (name: string) => runs.find((run) => run.container.name === name);
  for (const container of spec?.ephemeralContainers ?? [])
    if (!find(container.name)) runs.push(newRun(container, 'ephemeral', 'ContainerCreating'));
  const declared = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return declared.flatMap((container) => {
    const run = find(container.name);
    if (!run || run.container.image === container.image) return [];
    run.container = container;
    run.retryAt = undefined;
    if (run.state.kind !== 'running' || run.role === 'init') return [];
    run.changed = true;
    return [run];
  });
}
