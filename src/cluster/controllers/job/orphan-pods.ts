import type { Job } from 'kubernetes-types/batch/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { controllerOf, parseQueueKey, queueKey } from '../object-meta.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { isFinished } from './conditions.ts';
import { isTracked } from './job-pod.ts';
import { stopTracking } from './tracking.ts';

/** Takes the finalizer off Pods whose Job will not do it any more: it is gone, or finished. */
export function orphanPodController({ api, informers }: ControllerContext): Controller {
  const pods = informers.of('pods');
  const jobs = informers.of('jobs');
  const podsByController = pods.byController();

  return {
    name: 'job-orphan-pods',
    watch(queue) {
      pods.onChange(({ type, object }) => {
        if (type !== 'DELETED' && isOrphan(object)) queue.add(queueKey(object));
      });
      jobs.onChange(({ type, object }) => {
        if (type !== 'DELETED' && !isFinished(object)) return;
        for (const pod of podsByController.get(object.metadata?.uid ?? '')) {
          queue.add(queueKey(pod));
        }
      });
    },
    reconcile(key) {
      const pod = pods.get(parseQueueKey(key));
      if (pod && isOrphan(pod)) stopTracking(api, pod);
    },
  };

  function isOrphan(pod: Pod): boolean {
    if (!isTracked(pod)) return false;
    const owner = controllerOf(pod);
    if (owner && owner.kind !== 'Job') return false;
    const job = owner && jobOf(pod, owner.name);
    return !job || job.metadata?.uid !== owner?.uid || isFinished(job);
  }

  function jobOf({ metadata }: Pod, name: string): Job | undefined {
    return jobs.get({ namespace: metadata?.namespace, name });
  }
}
