import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordPodEvent } from '../events.ts';
import type { ContainerRun } from './container-run.ts';
import type { Grace } from './grace.ts';
import { runHook } from './hooks.ts';

export interface StopOptions {
  readonly pod: Pod;
  readonly podIp: string;
  readonly recordEvent: RecordPodEvent;
  readonly grace: Grace;
  readonly message: string;
}

/** A preStop hook that used up the grace still leaves the container this long after SIGTERM. */
const MINIMUM_MS = 2000;

/**
 * Ends a running container: preStop hook, SIGTERM to its first process, SIGKILL when the grace is
 * over. Resolves when it has ended.
 */
export async function stopContainer(run: ContainerRun, options: StopOptions): Promise<void> {
  if (run.state.kind !== 'running') return;
  const { process } = run.state;
  const { container } = run;
  options.recordEvent(options.pod, {
    type: 'Normal',
    reason: 'Killing',
    message: options.message,
    container: container.name,
  });
  const preStop = container.lifecycle?.preStop;
  const { grace } = options;
  if (preStop && !grace.isOver) {
    const hook = runHook(preStop, { ...options, container, process });
    await Promise.race([
      hook.catch((error: Error) => hookFailed(error)),
      grace.over(),
      process.exit,
    ]);
    grace.atLeast(MINIMUM_MS);
  }
  process.signal(stopSignalOf(container));
  await Promise.race([process.exit, grace.over()]);
  process.kill();
  await Promise.race([process.exit, delay(5000)]);

  function hookFailed(error: Error): void {
    options.recordEvent(options.pod, {
      type: 'Warning',
      reason: 'FailedPreStopHook',
      message: `PreStopHook failed: ${error.message}`,
      container: container.name,
    });
  }
}

/** KEP-4960: a container may say which signal asks it to end. */
function stopSignalOf({ lifecycle }: Container): NodeJS.Signals {
  // `kubernetes-types` is of 1.30, which has no such field.
  const { stopSignal } = (lifecycle ?? {}) as { readonly stopSignal?: NodeJS.Signals };
  return stopSignal ?? 'SIGTERM';
}
