import {
  cronJobStrategy,
  daemonSetStrategy,
  deploymentStrategy,
  endpointSliceStrategy,
  disruptionBudgetStrategy,
  jobStrategy,
} from '../strategy/workload.ts';
import { CORE_KINDS } from './core-kinds.ts';
import { EXTENSION_KINDS } from './extension-kinds.ts';
import { EVENTS_V1_FIELDS, fieldsAt } from './field-readers.ts';
import { eventFromStored, eventToStored } from './events-v1.ts';
import { autoscalerFromStored, autoscalerToStored } from './autoscaling-v1.ts';
import type { Resource } from './resource.ts';
import { type Row, rows } from './rows.ts';
import { CREATE, SCALE } from './shared-subresources.ts';
import { USAGE_KINDS } from './usage-kinds.ts';

const namespaced = true;

const apps = rows('apps', 'v1', [
  { kind: 'ControllerRevision', plural: 'controllerrevisions', namespaced },
  {
    kind: 'DaemonSet',
    plural: 'daemonsets',
    namespaced,
    shortNames: ['ds'],
    categories: ['all'],
    strategy: daemonSetStrategy,
    hasStatus: true,
    hasGeneration: true,
  },
  {
    kind: 'Deployment',
    plural: 'deployments',
    namespaced,
    shortNames: ['deploy'],
    categories: ['all'],
    subresources: [SCALE],
    strategy: deploymentStrategy,
    hasStatus: true,
    hasGeneration: true,
  },
  {
    kind: 'ReplicaSet',
    plural: 'replicasets',
    namespaced,
    shortNames: ['rs'],
    categories: ['all'],
    subresources: [SCALE],
    fields: fieldsAt('status.replicas'),
    strategy: { initialStatus: () => ({ replicas: 0 }) },
    hasStatus: true,
    hasGeneration: true,
  },
  {
    kind: 'StatefulSet',
    plural: 'statefulsets',
    namespaced,
    shortNames: ['sts'],
    categories: ['all'],
    subresources: [SCALE],
    strategy: { initialStatus: () => ({ replicas: 0, availableReplicas: 0 }) },
    hasStatus: true,
    hasGeneration: true,
  },
]);

const REVIEW: Partial<Resource> = { verbs: CREATE };

const authentication = rows('authentication.k8s.io', 'v1', [
  { kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', ...REVIEW },
  { kind: 'TokenReview', plural: 'tokenreviews', ...REVIEW },
]);

const authorization = rows('authorization.k8s.io', 'v1', [
  { kind: 'LocalSubjectAccessReview', plural: 'localsubjectaccessreviews', namespaced, ...REVIEW },
  { kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews', ...REVIEW },
  { kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews', ...REVIEW },
  { kind: 'SubjectAccessReview', plural: 'subjectaccessreviews', ...REVIEW },
]);

const HPA: Row = {
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  namespaced,
  shortNames: ['hpa'],
  categories: ['all'],
  strategy: { initialStatus: () => ({ desiredReplicas: 0, currentMetrics: null }) },
  hasStatus: true,
};

const autoscaling = [
  ...rows('autoscaling', 'v2', [HPA]),
  ...rows('autoscaling', 'v1', [
    {
      ...HPA,
      storedAs: {
        plural: HPA.plural,
        toStored: autoscalerToStored,
        fromStored: autoscalerFromStored,
      },
    },
  ]),
];

const batch = rows('batch', 'v1', [
  {
    kind: 'CronJob',
    plural: 'cronjobs',
    namespaced,
    shortNames: ['cj'],
    categories: ['all'],
    strategy: cronJobStrategy,
    hasStatus: true,
    hasGeneration: true,
  },
  {
    kind: 'Job',
    plural: 'jobs',
    namespaced,
    categories: ['all'],
    fields: fieldsAt('status.successful'),
    strategy: jobStrategy,
    hasStatus: true,
    hasGeneration: true,
  },
]);

const coordination = rows('coordination.k8s.io', 'v1', [
  {
    kind: 'Lease',
    plural: 'leases',
    namespaced,
    allowsUnconditionalUpdate: false,
    createsOnUpdate: true,
  },
]);

const discovery = rows('discovery.k8s.io', 'v1', [
  {
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    namespaced,
    strategy: endpointSliceStrategy,
    hasGeneration: true,
  },
]);

const events = rows('events.k8s.io', 'v1', [
  {
    kind: 'Event',
    plural: 'events',
    namespaced,
    shortNames: ['ev'],
    fields: EVENTS_V1_FIELDS,
    createsOnUpdate: true,
    storedAs: { plural: 'events', toStored: eventToStored, fromStored: eventFromStored },
  },
]);

const policy = rows('policy', 'v1', [
  {
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    namespaced,
    shortNames: ['pdb'],
    strategy: disruptionBudgetStrategy,
    hasStatus: true,
    hasGeneration: true,
    allowsUnconditionalUpdate: false,
  },
]);

const rbac = rows('rbac.authorization.k8s.io', 'v1', [
  { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', createsOnUpdate: true },
  { kind: 'ClusterRole', plural: 'clusterroles', createsOnUpdate: true },
  { kind: 'RoleBinding', plural: 'rolebindings', namespaced, createsOnUpdate: true },
  { kind: 'Role', plural: 'roles', namespaced, createsOnUpdate: true },
]);

const extensions = Object.groupBy(EXTENSION_KINDS, ({ group }) => group);

/** Every kind the cluster serves, in upstream's order of groups; the first row of a plural is the one that is stored. */
export const RESOURCES: readonly Resource[] = [
  ...CORE_KINDS,
  ...apps,
  ...events,
  ...authentication,
  ...authorization,
  ...autoscaling,
  ...batch,
  ...of('certificates.k8s.io'),
  ...of('networking.k8s.io'),
  ...policy,
  ...rbac,
  ...of('storage.k8s.io'),
  ...of('admissionregistration.k8s.io'),
  ...of('scheduling.k8s.io'),
  ...coordination,
  ...of('node.k8s.io'),
  ...discovery,
  ...of('resource.k8s.io'),
  ...of('flowcontrol.apiserver.k8s.io'),
  ...USAGE_KINDS,
];

function of(group: string): readonly Resource[] {
  return extensions[group] ?? [];
}
