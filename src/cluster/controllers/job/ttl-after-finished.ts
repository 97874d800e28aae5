import type { Job } from 'kubernetes-types/batch/v1.js';
import { isNotFound } from '../api-errors.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { finishedCondition } from './conditions.ts';

/** Deletes finished Jobs after their ttlSecondsAfterFinished, their Pods first. */
export function ttlAfterFinishedController({
  api,
  informers,
  clock,
}: ControllerContext): Controller {
  const jobs = informers.of('jobs');

  return {
    name: 'ttl-after-finished',
    watch(queue) {
      jobs.onChange(({ type, object }) => {
        if (type !== 'DELETED' && expiresAt(object) !== undefined) queue.add(queueKey(object));
      });
    },
    reconcile(key) {
      const job = jobs.get(parseQueueKey(key));
      const end = job && expiresAt(job);
      if (end === undefined) return undefined;
      const requeueAfterMs = end - clock.now();
      if (requeueAfterMs > 0) return { requeueAfterMs };
      const { namespace, name, uid } = metaOf(job ?? {});
      const options = { propagationPolicy: 'Foreground', preconditions: { uid } } as const;
      try {
        api.delete('jobs', { namespace, name }, options);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      return undefined;
    },
  };
}

/** Milliseconds since the epoch; `undefined` for a Job that stays. */
function expiresAt(job: Job): number | undefined {
  const seconds = job.spec?.ttlSecondsAfterFinished;
  if (seconds === undefined || isBeingDeleted(job)) return undefined;
  const { lastTransitionTime } = finishedCondition(job) ?? {};
  return (lastTransitionTime && Date.parse(lastTransitionTime) + seconds * 1000) || undefined;
}
