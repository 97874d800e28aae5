import type { Api } from '../api.ts';
import type { Clock } from './clock.ts';
import { isConflict, isNotFound } from './api-errors.ts';
import type { Informers } from './informer.ts';
import { WorkQueue } from './work-queue.ts';

/** What a controller is built from. */
export interface ControllerContext {
  readonly api: Api;
  readonly informers: Informers;
  readonly clock: Clock;
  /** Whether Endpoints tell that a controller keeps them: since Kubernetes 1.33. */
  readonly labelsEndpoints: boolean;
}

/** Where a controller's sources put the keys of what changed. */
export interface Queue {
  add(key: string): void;
  addAfter(key: string, delayMs: number): void;
}

export interface Controller {
  readonly name: string;
  /** Connects informers with the queue; called once, before the first reconcile. */
  readonly watch: (queue: Queue) => void;
  /**
   * Brings what the key names to its desired state. Level-triggered: called with the key only, any
   * number of times. What it throws is retried with back-off.
   */
  // oxlint-disable-next-line typescript/no-invalid-void-type -- most reconciles have nothing to say
  readonly reconcile: (key: string) => { readonly requeueAfterMs: number } | undefined | void;
  readonly retry?: { readonly baseDelayMs?: number; readonly maxRetries?: number };
}

export type OnControllerError = (controller: string, key: string, error: unknown) => void;

/** Long enough to be worth a turn of the event loop, short enough that requests do not wait. */
const TURN_MS = 5;

/**
 * Runs a controller until disposed. The Api is synchronous, hence so are reconciles: one at a time,
 * off the call stack of the write that asked for them, a few milliseconds per turn of the event loop.
 */
export function runController(
  controller: Controller,
  { clock, onError }: { readonly clock: Clock; readonly onError: OnControllerError },
): Disposable {
  let turn: NodeJS.Immediate | undefined;
  const queue = new WorkQueue({
    clock,
    ...(controller.retry?.baseDelayMs !== undefined && {
      baseDelayMs: controller.retry.baseDelayMs,
    }),
    onReady: () => {
      turn ??= setImmediate(work);
    },
  });

  function work(): void {
    const endsAt = performance.now() + TURN_MS;
    for (let key = queue.take(); key !== undefined; key = queue.take()) {
      reconcile(key);
      queue.done(key);
      if (performance.now() > endsAt) break;
    }
    turn = queue.size > 0 ? setImmediate(work) : undefined;
  }

  function reconcile(key: string): void {
    try {
      const result = controller.reconcile(key);
      queue.forget(key);
      if (result) queue.addAfter(key, result.requeueAfterMs);
    } catch (error) {
      // Someone else was faster: the next attempt sees the world as it is now.
      if (!isConflict(error) && !isNotFound(error)) onError(controller.name, key, error);
      if (queue.failuresOf(key) < (controller.retry?.maxRetries ?? Infinity)) {
        queue.addRateLimited(key);
      } else {
        queue.forget(key);
      }
    }
  }

  controller.watch(queue);
  return {
    [Symbol.dispose]() {
      queue[Symbol.dispose]();
      clearImmediate(turn);
    },
  };
}
