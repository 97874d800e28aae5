import { podStrategy } from '../strategy/pod.ts';
import { serviceStrategy } from '../strategy/service.ts';
import { namespaceStrategy } from '../strategy/namespace.ts';
import { volumeStrategy } from '../strategy/volume.ts';
import { podTemplateStrategy } from '../strategy/workload.ts';
import { EVENT_FIELDS, fieldsAt, NODE_FIELDS, POD_FIELDS } from './field-readers.ts';
import type { Resource, Verb } from './resource.ts';
import { ALL_VERBS, rows, WRITE } from './rows.ts';
import { CREATE, SCALE } from './shared-subresources.ts';

const STREAM: readonly Verb[] = ['create', 'get'];
const PROXY: readonly Verb[] = ['create', 'delete', 'get', 'patch', 'update'];
const namespaced = true;

/** The kinds of the core group. */
export const CORE_KINDS: readonly Resource[] = rows('', 'v1', [
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
    kind: 'LimitRange',
    plural: 'limitranges',
    namespaced,
    shortNames: ['limits'],
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
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    namespaced,
    shortNames: ['pvc'],
    strategy: { initialStatus: () => ({ phase: 'Pending' }) },
    hasStatus: true,
    returnsDeletedObject: true,
  },
  {
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    shortNames: ['pv'],
    strategy: volumeStrategy,
    hasStatus: true,
    returnsDeletedObject: true,
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
      { name: 'proxy', kind: 'PodProxyOptions', verbs: PROXY },
    ],
    fields: POD_FIELDS,
    strategy: podStrategy,
    hasStatus: true,
    hasGeneration: true,
    returnsDeletedObject: true,
  },
  {
    kind: 'PodTemplate',
    plural: 'podtemplates',
    namespaced,
    strategy: podTemplateStrategy,
    hasGeneration: true,
    returnsDeletedObject: true,
  },
  {
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    namespaced,
    shortNames: ['rc'],
    categories: ['all'],
    subresources: [SCALE],
    fields: fieldsAt('status.replicas'),
    strategy: { initialStatus: () => ({ replicas: 0 }) },
    hasStatus: true,
    hasGeneration: true,
  },
  {
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    namespaced,
    shortNames: ['quota'],
    strategy: { initialStatus: () => ({}) },
    hasStatus: true,
    createsOnUpdate: true,
    returnsDeletedObject: true,
  },
  { kind: 'Secret', plural: 'secrets', namespaced, fields: fieldsAt('type') },
  {
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    namespaced,
    shortNames: ['sa'],
    subresources: [
      {
        name: 'token',
        kind: 'TokenRequest',
        group: 'authentication.k8s.io',
        version: 'v1',
        verbs: CREATE,
      },
    ],
    returnsDeletedObject: true,
  },
  {
    kind: 'Service',
    plural: 'services',
    namespaced,
    shortNames: ['svc'],
    categories: ['all'],
    subresources: [{ name: 'proxy', kind: 'ServiceProxyOptions', verbs: PROXY }],
    fields: fieldsAt('spec.clusterIP', 'spec.type'),
    strategy: serviceStrategy,
    hasStatus: true,
    createsOnUpdate: true,
    returnsDeletedObject: true,
  },
]);
