import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from 'kubernetes-types/apps/v1.js';
import type { CronJob, Job } from 'kubernetes-types/batch/v1.js';
import type { PodSpec, PodTemplate, ReplicationController } from 'kubernetes-types/core/v1.js';

import {
  containerImages,
  containerNames,
  labelsText,
  nameOf,
  none,
  type PrintContext,
  type Printer,
  selectorText,
} from './cells.ts';
import { humanDuration, since } from './human-duration.ts';

export const workloads: Readonly<Record<string, Printer>> = {
  'apps/controllerrevisions': (revision: ControllerRevision, { age }) => {
    const owner = revision.metadata?.ownerReferences?.find(({ controller }) => controller);
    const group = owner?.apiVersion.split('/').at(-2);
    const kind = owner?.kind.toLowerCase() ?? '';
    const controller = owner ? `${group ? `${kind}.${group}` : kind}/${owner.name}` : none;
    return [nameOf(revision), controller, revision.revision, age];
  },
  'apps/daemonsets': (set: DaemonSet, { age }) => {
    const { spec, status } = set;
    return [
      nameOf(set),
      status?.desiredNumberScheduled ?? 0,
      status?.currentNumberScheduled ?? 0,
      status?.numberReady ?? 0,
      status?.updatedNumberScheduled ?? 0,
      status?.numberAvailable ?? 0,
      labelsText(spec?.template.spec?.nodeSelector),
      age,
      ...templateCells(spec?.template.spec),
      selectorText(spec?.selector),
    ];
  },
  'apps/deployments': (deployment: Deployment, { age }) => {
    const { spec, status } = deployment;
    return [
      nameOf(deployment),
      `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
      status?.updatedReplicas ?? 0,
      status?.availableReplicas ?? 0,
      age,
      ...templateCells(spec?.template.spec),
      selectorText(spec?.selector),
    ];
  },
  'apps/replicasets': (set: ReplicaSet, { age }) => [
    nameOf(set),
    set.spec?.replicas ?? 0,
    set.status?.replicas ?? 0,
    set.status?.readyReplicas ?? 0,
    age,
    ...templateCells(set.spec?.template?.spec),
    selectorText(set.spec?.selector),
  ],
  'apps/statefulsets': (set: StatefulSet, { age }) => [
    nameOf(set),
    `${set.status?.readyReplicas ?? 0}/${set.spec?.replicas ?? 0}`,
    age,
    ...templateCells(set.spec?.template.spec),
  ],
  'batch/cronjobs': (job: CronJob, { now, age }) => {
    const { spec, status } = job;
    const jobSpec = spec?.jobTemplate.spec;
    return [
      nameOf(job),
      spec?.schedule ?? '',
      spec?.timeZone ?? none,
      spec?.suspend ? 'True' : 'False',
      (status?.active ?? []).length,
      status?.lastScheduleTime ? since(status.lastScheduleTime, now) : none,
      age,
      ...templateCells(jobSpec?.template.spec),
      selectorText(jobSpec?.selector),
    ];
  },
  'batch/jobs': (job: Job, context) => [
    nameOf(job),
    jobStatus(job),
    completions(job),
    jobDuration(job, context),
    context.age,
    ...templateCells(job.spec?.template.spec),
    selectorText(job.spec?.selector),
  ],
  podtemplates: (object: PodTemplate) => [
    nameOf(object),
    ...templateCells(object.template?.spec),
    labelsText(object.template?.metadata?.labels),
  ],
  replicationcontrollers: (controller: ReplicationController, { age }) => [
    nameOf(controller),
    controller.spec?.replicas ?? 0,
    controller.status?.replicas ?? 0,
    controller.status?.readyReplicas ?? 0,
    age,
    ...templateCells(controller.spec?.template?.spec),
    labelsText(controller.spec?.selector),
  ],
};

function templateCells(spec: PodSpec | undefined): [string, string] {
  return [containerNames(spec?.containers), containerImages(spec?.containers)];
}

function jobStatus(job: Job): string {
  const isTrue = (type: string) =>
    (job.status?.conditions ?? []).some((one) => one.type === type && one.status === 'True');
  if (isTrue('Complete')) return 'Complete';
  if (isTrue('Failed')) return 'Failed';
  if (job.metadata?.deletionTimestamp) return 'Terminating';
  if (isTrue('Suspended')) return 'Suspended';
  if (isTrue('FailureTarget')) return 'FailureTarget';
  return isTrue('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: Job, { now }: PrintContext): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : now.getTime();
  return humanDuration(end - Date.parse(status.startTime));
}
