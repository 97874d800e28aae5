import type { ContainerRun } from './container-run.ts';
import type { PodContext } from './pod-context.ts';

/** Records an Event about one container of a Pod; `Normal` unless it says otherwise. */
export function say(
  run: ContainerRun,
  context: PodContext,
  event: {
    readonly type?: 'Normal' | 'Warning';
    readonly reason: string;
    readonly message: string;
  },
): void {
  const field = {
    init: 'initContainers',
    sidecar: 'initContainers',
    app: 'containers',
    ephemeral: 'ephemeralContainers',
  } as const;
  context.node.recordEvent(context.pod(), {
    type: 'Normal',
    ...event,
    container: run.container.name,
    field: field[run.role],
  });
}
