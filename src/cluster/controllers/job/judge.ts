import type { Job } from 'kubernetes-types/batch/v1.js';
import { decidedOutcome, type Outcome, type Said } from './conditions.ts';
import { judgeFailure } from './failure-policy.ts';
import { isFailed } from './job-pod.ts';
import type { JobPicture } from './picture.ts';
import { matchSuccessPolicy } from './success-policy.ts';

/** How the Job ends, in upstream's order of reasons; `undefined` while it goes on. */
export function judge(picture: JobPicture): Outcome | undefined {
  const decided = decidedOutcome(picture.job);
  if (decided) return decided;
  const failure = failureOf(picture);
  if (failure) return { kind: 'failed', ...failure };
  const { job, indexes } = picture;
  const message = indexes && matchSuccessPolicy(job, indexes.succeeded);
  return message === undefined
    ? undefined
    : { kind: 'succeeded', reason: 'SuccessPolicy', message };
}

/** Reached with no active Pod left. */
export function completion({ job, succeeded }: JobPicture, active: number): Outcome | undefined {
  const { completions } = job.spec ?? {};
  const isReached = completions === undefined ? succeeded > 0 : succeeded >= completions;
  if (!isReached || active > 0) return undefined;
  return {
    kind: 'succeeded',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  };
}

export function isSuspended({ spec }: Job): boolean {
  return spec?.suspend === true;
}

/** Milliseconds until activeDeadlineSeconds passes; `undefined` when no deadline runs. */
export function msUntilDeadline({ spec, status }: Job, now: number): number | undefined {
  const seconds = spec?.activeDeadlineSeconds;
  if (seconds === undefined || !status?.startTime || spec?.suspend) return undefined;
  return Date.parse(status.startTime) + seconds * 1000 - now;
}

function failureOf(picture: JobPicture): Said | undefined {
  const { job, pods, failed, indexes, now } = picture;
  for (const pod of pods) {
    const message = isFailed(job, pod) ? judgeFailure(job, pod).message : undefined;
    if (message !== undefined) return { reason: 'PodFailurePolicy', message };
  }
  if (failed > (job.spec?.backoffLimit ?? 6) || isPastLimitOfRestarts(picture)) {
    const message = 'Job has reached the specified backoff limit';
    return { reason: 'BackoffLimitExceeded', message };
  }
  const untilDeadline = msUntilDeadline(job, now);
  if (untilDeadline !== undefined && untilDeadline <= 0) {
    const message = 'Job was active longer than specified deadline';
    return { reason: 'DeadlineExceeded', message };
  }
  if (!indexes?.failed) return undefined;
  if (indexes.failed.size > (job.spec?.maxFailedIndexes ?? Infinity)) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return { reason: 'MaxFailedIndexesExceeded', message };
  }
  const settled = indexes.failed.size + indexes.succeeded.size;
  if (indexes.failed.size > 0 && settled >= (job.spec?.completions ?? 0)) {
    return { reason: 'FailedIndexes', message: 'Job has failed indexes' };
  }
  return undefined;
}

/** With OnFailure the containers restart in place: their restarts are the failures. */
function isPastLimitOfRestarts({ job, pods }: JobPicture): boolean {
  if (job.spec?.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    for (const { restartCount } of all) restarts += restartCount;
  }
  const limit = job.spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}
