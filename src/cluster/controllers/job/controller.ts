import type { Job } from 'kubernetes-types/batch/v1.js';
import { eventRecorder } from '../event-recorder.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import { podOwnership } from '../pod-ownership.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { FailureRecords } from './back-off.ts';
import { isFinished } from './conditions.ts';
import { TRACKING_FINALIZER } from './job-pod.ts';
import { completion, isSuspended, judge, msUntilDeadline } from './judge.ts';
import { JobPass } from './pass.ts';
import { pictureOf } from './picture.ts';
import { planPods } from './plan-pods.ts';

/** Runs each Job's Pods until enough of them have succeeded, or too many failed. */
export function jobController(context: ControllerContext): Controller {
  const { api, informers, clock } = context;
  const jobs = informers.of('jobs');
  const ownership = podOwnership(context, jobs, { kind: 'Job', finalizer: TRACKING_FINALIZER });
  const recordEvent = eventRecorder(api, clock, 'job-controller');
  const records = new FailureRecords();

  return {
    name: 'job',
    retry: { baseDelayMs: 1000 },
    watch(queue) {
      jobs.onChange(({ type, object }) => {
        if (type === 'DELETED') records.forget(metaOf(object).uid);
        else queue.add(queueKey(object));
      });
      ownership.watch(queue);
    },
    reconcile(key) {
      const job = jobs.get(parseQueueKey(key));
      if (!job || isFinished(job) || isManagedElsewhere(job)) return undefined;
      const now = clock.now();
      const picture = pictureOf(job, ownership.claim(job), { records, now });
      const pass = new JobPass({ api, recordEvent, held: () => ownership.held(job), picture });
      const waits = run(pass);
      if (isFinished(pass.job)) records.forget(metaOf(job).uid);
      else records.keep(metaOf(job).uid, picture.failures);
      if (pass.error !== undefined) throw pass.error;
      const requeueAfterMs = Math.min(...waits);
      return Number.isFinite(requeueAfterMs) ? { requeueAfterMs } : undefined;
    },
  };

  /** Returns after how many milliseconds time alone brings news. */
  function run(pass: JobPass): number[] {
    const { picture } = pass;
    const { job, now } = picture;
    pass.start();
    const outcome = judge(picture);
    if (outcome) {
      pass.endPods();
      // What could not be deleted must not outlive the verdict.
      pass.account(pass.error === undefined ? outcome : undefined);
      return [];
    }
    const plan = isBeingDeleted(job) ? { create: [], delete: [] } : planPods(picture);
    pass.carryOut(plan);
    const completed = completion(picture, pass.activeCount());
    if (!completed && !isBeingDeleted(job)) pass.noteSuspension(isSuspended(job));
    pass.account(completed);
    // A second late: the times it is measured from are whole seconds.
    const untilDeadline = msUntilDeadline(pass.job, now);
    return [
      ...(plan.wait === undefined ? [] : [plan.wait]),
      ...(untilDeadline === undefined ? [] : [Math.max(0, untilDeadline)]),
    ];
  }
}

/** KEP-4368: someone else's, from its creation on. */
function isManagedElsewhere({ spec }: Job): boolean {
  return spec?.managedBy !== undefined && spec.managedBy !== 'kubernetes.io/job-controller';
}
