import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { CronJob, Job } from 'kubernetes-types/batch/v1.js';
import type {
  Container,
  Pod,
  PodTemplate,
  PodTemplateSpec,
  ReplicationController,
} from 'kubernetes-types/core/v1.js';

import type { Defaulter } from './apply-defaults.ts';
import { defaultPodSpec } from './pod-spec.ts';
import { defaultClaim } from './storage.ts';

const maxInt32 = 2_147_483_647;

export const workloads: Readonly<Record<string, Defaulter>> = {
  '/v1 Pod': (pod: Pod) => {
    if (!pod.spec) return;
    defaultPodSpec(pod.spec);
    pod.spec.enableServiceLinks ??= true;
    for (const container of [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])]) {
      requestWhatIsLimited(container);
    }
  },
  '/v1 PodTemplate': (object: PodTemplate) => defaultTemplate(object.template),
  '/v1 ReplicationController': ({ metadata, spec }: ReplicationController) => {
    if (!spec) return;
    defaultTemplate(spec.template);
    spec.replicas ??= 1;
    const labels = spec.template?.metadata?.labels;
    if (labels) {
      spec.selector ??= { ...labels };
      if (metadata) metadata.labels ??= { ...labels };
    }
  },
  'apps/v1 Deployment': ({ spec }: Deployment) => {
    if (!spec) return;
    defaultTemplate(spec.template);
    spec.replicas ??= 1;
    spec.strategy ??= {};
    spec.strategy.type ??= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
      spec.strategy.rollingUpdate.maxSurge ??= '25%';
    }
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
  },
  'apps/v1 ReplicaSet': ({ spec }: ReplicaSet) => {
    if (!spec) return;
    defaultTemplate(spec.template);
    spec.replicas ??= 1;
  },
  'apps/v1 StatefulSet': ({ spec }: StatefulSet) => {
    if (!spec) return;
    defaultTemplate(spec.template);
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion ??= 'v1';
      claim.kind ??= 'PersistentVolumeClaim';
      defaultClaim(claim);
    }
    spec.replicas ??= 1;
    spec.podManagementPolicy ??= 'OrderedReady';
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ??= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.partition ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
    spec.persistentVolumeClaimRetentionPolicy ??= {};
    spec.persistentVolumeClaimRetentionPolicy.whenDeleted ??= 'Retain';
    spec.persistentVolumeClaimRetentionPolicy.whenScaled ??= 'Retain';
  },
  'apps/v1 DaemonSet': ({ spec }: DaemonSet) => {
    if (!spec) return;
    defaultTemplate(spec.template);
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ??= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
  },
  'batch/v1 Job': ({ spec }: Job) => {
    if (!spec) return;
    defaultTemplate(spec.template);
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
    spec.parallelism ??= 1;
    spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : maxInt32;
    spec.completionMode ??= 'NonIndexed';
    spec.suspend ??= false;
    spec.manualSelector ??= false;
    spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  },
  'batch/v1 CronJob': ({ spec }: CronJob) => {
    if (!spec) return;
    defaultTemplate(spec.jobTemplate.spec?.template);
    spec.concurrencyPolicy ??= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
  },
};

function defaultTemplate(template: PodTemplateSpec | undefined): void {
  if (template?.spec) defaultPodSpec(template.spec);
}

// Only in Pods: a template keeps what was written, so that changed limits reach new Pods.
function requestWhatIsLimited({ resources }: Container): void {
  if (!resources?.limits) return;
  for (const [name, limit] of Object.entries(resources.limits)) {
    resources.requests ??= {};
    resources.requests[name] ??= limit;
  }
}
