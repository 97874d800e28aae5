import type { Api } from '../api.ts';
import { type Clock, systemClock } from '../controllers/clock.ts';
import { Informers } from '../controllers/informer.ts';
import { type OnControllerError, runController } from '../controllers/runner.ts';
import { schedulerController } from './controller.ts';

export interface StartSchedulerOptions {
  readonly api: Api;
  /** Called with what a placement threw; it is tried again all the same. */
  readonly onError: OnControllerError;
  readonly clock?: Clock;
}

/** Runs what kube-scheduler runs, until disposed. */
export function startScheduler({
  api,
  onError,
  clock = systemClock,
}: StartSchedulerOptions): AsyncDisposable {
  const stack = new DisposableStack();
  const informers = stack.use(new Informers(api));
  stack.use(runController(schedulerController({ api, informers, clock }), { clock, onError }));
  return {
    async [Symbol.asyncDispose]() {
      stack.dispose();
    },
  };
}
