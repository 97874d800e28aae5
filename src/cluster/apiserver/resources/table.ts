import { podStrategy } from '../strategy/pod.ts';
import { serviceStrategy } from '../strategy/service.ts';
import { namespaceStrategy } from '../strategy/namespace.ts';
import {
  daemonSetStrategy,
  deploymentStrategy,
  endpointSliceStrategy,
  disruptionBudgetStrategy,
  jobStrategy,
} from '../strategy/workload.ts';
import {
  EVENT_FIELDS,
  EVENTS_V1_FIELDS,
  fieldsAt,
  NODE_FIELDS,
  POD_FIELDS,
} from './field-readers.ts';
import { eventFromStored, eventToStored } from './events-v1.ts';
import { autoscalerFromStored, autoscalerToStored } from './autoscaling-v1.ts';
import type { Resource, Subresource, Verb } from './resource.ts';
import { ALL_VERBS, type Row, rows, WRITE } from './rows.ts';

const CREATE: readonly Verb[] = ['create'];
const STREAM: readonly Verb[] = ['create', 'get'];

const namespaced = true;
const SCALE: Subresource = {
  name: 'scale',
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  verbs: WRITE,
};

const core = rows('', 'v1', [
  { kind: 'Binding', plural: 'bindings', namespaced, verbs: CREATE },
  { kind: 'ConfigMap', plural: 'configmaps', namespaced, shortNames: ['cm'] },
  {
    kind: 'Endpoints',
    plural: 'endpoints',
    singular: 'endpoints',
    namespaced,
    shortNames: ['ep'],
    createsOnUpdate: true,
  },
  {
    kind: 'Event',
    plural: 'events',
    namespaced,
    shortNames: ['ev'],
    fields: EVENT_FIELDS,
    createsOnUpdate: true,
  },
  {
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    verbs: ALL_VERBS.filter((verb) => verb !== 'deletecollection'),
    subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
    fields: fieldsAt('status.phase'),
    strategy: namespaceStrategy,
    hasStatus: true,
    returnsDeletedObject: true,
  },
  {
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    fields: NODE_FIELDS,
    hasStatus: true,
  },
  {
    kind: 'Pod',
    plural: 'pods',
    namespaced,
    shortNames: ['po'],
    categories: ['all'],
    subresources: [
      { name: 'attach', kind: 'PodAttachOptions', verbs: STREAM },
      { name: 'binding', kind: 'Binding', verbs: CREATE },
      { name: 'ephemeralcontainers', kind: 'Pod', verbs: WRITE },
      { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: CREATE },
      { name: 'exec', kind: 'PodExecOptions', verbs: STREAM },
      { name: 'log', kind: 'Pod', verbs: ['get'] },
      { name: 'portforward', kind: 'PodPortForwardOptions', verbs: STREAM },
    ],
    fields: POD_FIELDS,
    strategy: podStrategy,
    hasStatus: true,
    hasGeneration: true,
    returnsDeletedObject: true,
  },
  { kind: 'Secret', plural: 'secrets', namespaced, fields: fieldsAt('type') },
  {
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    namespaced,
    shortNames: ['sa'],
    returnsDeletedObject: true,
  },
  {
    kind: 'Service',
    plural: 'services',
    namespaced,
    shortNames: ['svc'],
    categories: ['all'],
    fields: fieldsAt('spec.clusterIP', 'spec.type'),
    strategy: serviceStrategy,
    hasStatus: true,
    createsOnUpdate: true,
    returnsDeletedObject: true,
  },
]);

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
    kind: 'Job',
    plural: 'jobs',
    namespaced,
    categories: ['all'],
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

/** Every kind the cluster serves; the first row of a plural is the one that is stored. */
export const RESOURCES: readonly Resource[] = [
  ...core,
  ...apps,
  ...events,
  ...authentication,
  ...authorization,
  ...autoscaling,
  ...batch,
  ...policy,
  ...rbac,
  ...coordination,
  ...discovery,
];
