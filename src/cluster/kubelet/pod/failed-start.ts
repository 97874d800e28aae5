import { ConfigError } from './config-error.ts';
import type { ContainerRun } from './container-run.ts';
import type { PodContext } from './pod-context.ts';
import { say } from './say.ts';
import { ImageError } from './start-container.ts';

const RETRY_MS = 10_000;
const MAX_PULL_MS = 300_000;
const NO_CONTAINER_ID = '';

/** Whether a container may yet start for the first time: its image or configuration is missing. */
export function isLater(error: unknown): boolean {
  return error instanceof ImageError || error instanceof ConfigError;
}

/** Puts down why a container did not start: in its state, with the time to try again, and in Events. */
export function noteFailedStart(
  run: ContainerRun,
  { error, context }: { readonly error: unknown; readonly context: PodContext },
): void {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ImageError && run.container.imagePullPolicy === 'Never')
    neverImage(run, { message, context });
  else if (error instanceof ImageError) noImage(run, { message, context });
  else if (error instanceof ConfigError) noConfiguration(run, { message, context });
  else noStart(run, { message, context });
}

function noImage(
  run: ContainerRun,
  { message, context }: { readonly message: string; readonly context: PodContext },
): void {
  const image = run.container.image ?? '';
  const again = run.state.kind === 'waiting' && /ImagePull/.test(run.state.reason);
  run.pullDelayMs = again ? Math.min((run.pullDelayMs ?? RETRY_MS) * 2, MAX_PULL_MS) : RETRY_MS;
  run.retryAt = Date.now() + run.pullDelayMs;
  if (again) {
    say(run, context, { reason: 'BackOff', message: `Back-off pulling image "${image}"` });
    say(run, context, { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' });
    const text = `Back-off pulling image "${image}": ErrImagePull: ${message}`;
    run.state = { kind: 'waiting', reason: 'ImagePullBackOff', message: text };
  } else {
    say(run, context, { reason: 'Pulling', message: `Pulling image "${image}"` });
    const text = `Failed to pull image "${image}": ${message}`;
    say(run, context, { type: 'Warning', reason: 'Failed', message: text });
    say(run, context, { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' });
    run.state = { kind: 'waiting', reason: 'ErrImagePull', message };
  }
}

function neverImage(
  run: ContainerRun,
  { message, context }: { readonly message: string; readonly context: PodContext },
): void {
  run.retryAt = Date.now() + RETRY_MS;
  run.state = { kind: 'waiting', reason: 'ErrImageNeverPull', message };
  say(run, context, { type: 'Warning', reason: 'ErrImageNeverPull', message });
  say(run, context, { type: 'Warning', reason: 'Failed', message: 'Error: ErrImageNeverPull' });
}

function noConfiguration(
  run: ContainerRun,
  { message, context }: { readonly message: string; readonly context: PodContext },
): void {
  run.retryAt = Date.now() + RETRY_MS;
  run.state = { kind: 'waiting', reason: 'CreateContainerConfigError', message };
  say(run, context, { type: 'Warning', reason: 'Failed', message: `Error: ${message}` });
}

function noStart(
  run: ContainerRun,
  { message, context }: { readonly message: string; readonly context: PodContext },
): void {
  say(run, context, { type: 'Warning', reason: 'Failed', message: `Error: ${message}` });
  const finishedAt = Date.now();
  run.state = {
    kind: 'terminated',
    was: {
      exitCode: 128,
      reason: 'StartError',
      message,
      startedAt: 0,
      finishedAt,
      containerId: NO_CONTAINER_ID,
    },
  };
}
