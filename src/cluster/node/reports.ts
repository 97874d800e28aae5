import type { Service } from 'kubernetes-types/core/v1.js';
import type { Api } from '../api.ts';
import { systemClock } from '../controllers/clock.ts';
import { eventRecorder } from '../controllers/event-recorder.ts';
import { log } from './log.ts';

/** For a part that has failed as a whole: to the log. */
export function failed(msg: string): (error: unknown) => void {
  return (error) => log('error', msg, { error: textOf(error) });
}

/** For a control loop that failed over one object, and will try again. */
export function reconcileFailed(msg: string) {
  return (controller: string, key: string, error: unknown): void =>
    log('error', msg, { controller, key, error: textOf(error) });
}

/** For a Service that cannot be reached: to the log and, for its users, as an Event. */
export function serviceFailed(api: Api): (service: Service, message: string) => void {
  const record = eventRecorder(api, systemClock, 'kube-proxy');
  return (service, message) => {
    const { namespace, name } = service.metadata ?? {};
    log('warn', 'service cannot be reached', { service: `${namespace}/${name}`, reason: message });
    record({ ...service, apiVersion: 'v1', kind: 'Service' }, 'Warning', 'FailedToListen', message);
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
