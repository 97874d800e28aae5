import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { Owner, Snapshot } from './snapshot.ts';

const namespace = 'shop';
const pod: Pod = {
  metadata: { name: 'web-1', namespace, uid: 'u1', labels: { app: 'web', tier: 'front' } },
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }],
  },
  status: { podIP: '10.244.1.5', conditions: [{ type: 'Ready', status: 'True' }] },
};

function service(spec: Service['spec']): Service {
  const ports = [{ port: 80, targetPort: 'http' }];
  return {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web', tier: 'front' }, ports, ...spec },
  };
}

function replicaSet(status: { replicas: number; readyReplicas: number }): Owner {
  const selector = { matchLabels: { app: 'web', tier: 'front' } };
  return {
    kind: 'ReplicaSet',
    replicaSet: { metadata: { name: 'web', uid: 'r1' }, spec: { selector, replicas: 2 }, status },
  };
}

function budget(key: string): PodDisruptionBudget {
  return { metadata: { name: key }, spec: { selector: { matchLabels: { [key]: 'web' } } } };
}

const policy: NetworkPolicy = {
  metadata: { name: 'guard' },
  spec: {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [{ from: [{ podSelector: {} }] }],
  },
};

const listing: EndpointSlice = {
  metadata: { name: 'by-hand', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.244.1.5'] }],
};

const foreign: EndpointSlice = {
  metadata: {
    name: 'mesh-1',
    labels: {
      'kubernetes.io/service-name': 'gone',
      'endpointslice.kubernetes.io/managed-by': 'mesh.example.com',
    },
  },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.244.1.5'] }],
};

function plan(world: Partial<Snapshot>) {
  const nothing = { slices: [], endpoints: [], budgets: [], autoscalers: [], networkPolicies: [] };
  const snapshot = { pod, owner: undefined, services: [service({})], ...nothing, ...world };
  return decide(snapshot, { target: 'web-1', namespace }, 'none').status;
}

it('says nothing where there is nothing to say', () => {
  expect(plan({}).warnings).toEqual([]);
});

it('prefers labels at which nobody else looks, and says who looks where it cannot', () => {
  const free = plan({ networkPolicies: [policy], budgets: [budget('app')] });
  expect(free).toMatchObject({ labels: { tier: null }, warnings: [] });
  const services = [service({ selector: { app: 'web' } })];
  const held = plan({ services, networkPolicies: [policy], budgets: [budget('app')] });
  expect(held).toMatchObject({
    labels: { app: null },
    warnings: [
      'poddisruptionbudget/app does not count the Pod while it is out',
      'networkpolicy/guard no longer applies to the Pod while it is out',
    ],
  });
});

it('takes no label whose loss would hand the Pod to another workload', () => {
  const selector = {
    matchLabels: { app: 'web' },
    matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }],
  };
  const claimants = [{ object: 'replicaset/legacy', uid: 'r9', selector }];
  expect(plan({ claimants }).labels).toEqual({ app: null });
});

it.each<readonly [string, Partial<Snapshot>]>([
  ['service/web is headless', { services: [service({ clusterIP: 'None' })] }],
  [
    'service/web publishes Pods that are not ready',
    { services: [service({ publishNotReadyAddresses: true })] },
  ],
  [
    'service/web port 80 means a port admin, which the Pod does not have',
    { services: [service({ ports: [{ port: 80, targetPort: 'admin' }] })] },
  ],
  [
    'service/web port 53 is UDP',
    { services: [service({ ports: [{ port: 53, targetPort: 53, protocol: 'UDP' }] })] },
  ],
  ['on the way back one of them goes', { owner: replicaSet({ replicas: 2, readyReplicas: 1 }) }],
  [
    'endpoints cannot be listed',
    { services: [service({ selector: {} })], slices: [listing], unread: ['endpoints'] },
  ],
  ['lists the Pod for a Service gone that does not exist', { slices: [foreign] }],
  ['is managed by mesh.example.com', { slices: [foreign] }],
  [
    'endpointslice/by-hand of service/web in namespace mall lists the Pod too',
    { elsewhere: [{ ...listing, metadata: { ...listing.metadata, namespace: 'mall' } }] },
  ],
])('warns: %s', (words, world) => {
  expect(plan(world).warnings).toContainEqual(expect.stringContaining(words));
});

it('is refused by an object whose controller may write the entry back', () => {
  const owner = { apiVersion: 'x/v1', kind: 'Mesh', name: 'm', uid: 'm', controller: true };
  const slice = { ...foreign, metadata: { ...foreign.metadata, ownerReferences: [owner] } };
  expect(plan({ slices: [slice] }).interlocks).toMatchObject([
    { name: 'foreign-entry', object: 'endpointslice/mesh-1', overridable: true },
  ]);
});
