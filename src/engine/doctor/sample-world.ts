import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { neededApis } from './findings/environment.ts';
import { describeCost } from './cost.ts';
import { diagnose } from './diagnose.ts';
import type { Finding } from './finding.ts';
import type { Environment, NamespaceWorld, World } from './world.ts';

// A small shop that tests break one thing of: deployment/web, two Pods, service/web.

export const sampleNow = Date.parse('2026-11-23T12:00:00Z');
const longAgo = '2026-11-23T10:00:00Z';

export function samplePod(
  name: string,
  ip: string,
  change: { readonly labels?: Record<string, string>; readonly owned?: boolean } = {},
): Pod {
  const { labels = { app: 'web', 'pod-template-hash': '7d' }, owned = true } = change;
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      resourceVersion: '7',
      generateName: 'web-7d-',
      labels,
      ...(owned && {
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: 'web-7d',
            uid: 'uid-web-7d',
            controller: true,
          },
        ],
      }),
    },
    spec: { containers: [{ name: 'web', image: 'web:1' }] },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: longAgo }],
    },
  };
}

export function sampleEntry(
  ip: string,
  pod?: string,
  conditions?: Endpoint['conditions'],
): Endpoint {
  return {
    addresses: [ip],
    conditions: conditions ?? { ready: true, serving: true, terminating: false },
    ...(pod !== undefined && {
      targetRef: { kind: 'Pod', name: pod, namespace: 'shop', uid: `uid-${pod}` },
    }),
  };
}

export function sampleSlice(
  name: string,
  managedBy: string | undefined,
  endpoints: readonly Endpoint[],
): EndpointSlice {
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      resourceVersion: '8',
      labels: {
        'kubernetes.io/service-name': 'web',
        ...(managedBy !== undefined && { 'endpointslice.kubernetes.io/managed-by': managedBy }),
      },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [...endpoints],
  };
}

export const byController = 'endpointslice-controller.k8s.io';
export const byMirroring = 'endpointslicemirroring-controller.k8s.io';

export function sampleService(selector: Record<string, string> | undefined): Service {
  return {
    metadata: { name: 'web', namespace: 'shop', uid: 'uid-svc', resourceVersion: '9' },
    spec: {
      type: 'ClusterIP',
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      ...(selector && { selector }),
    },
  };
}

export function sampleEndpoints(...ips: readonly string[]): Endpoints {
  return {
    metadata: { name: 'web', namespace: 'shop', uid: 'uid-ep', resourceVersion: '10' },
    subsets: [{ addresses: ips.map((ip) => ({ ip })), ports: [{ name: 'http', port: 8080 }] }],
  };
}

export const sampleReplicaSet: ReplicaSet = {
  metadata: {
    name: 'web-7d',
    namespace: 'shop',
    uid: 'uid-web-7d',
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'uid-web', controller: true },
    ],
  },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web', 'pod-template-hash': '7d' } },
    template: { metadata: { labels: { app: 'web', 'pod-template-hash': '7d' } } },
  },
};

export const sampleEnvironment: Environment = {
  nodeVersion: 'v24.1.0',
  kubectl: '/usr/bin/kubectl',
  plugin: '/usr/bin/kubectl-pitstop',
  context: 'test',
  server: 'https://127.0.0.1:6443',
  serverVersion: { major: 1, minor: 33, gitVersion: 'v1.33.0' },
  clockSkewMs: 0,
  apis: Object.fromEntries(
    neededApis.map((api) => [
      api,
      new Set([
        'pods/exec',
        'pods/ephemeralcontainers',
        'endpointslices',
        'events',
        'selfsubjectaccessreviews',
      ]),
    ]),
  ),
  rights: { user: 'jane', namespace: 'shop', lacking: [], pities: [] },
};

/** All is well in it, unless a part of it is given. */
function sampleNamespace(parts: Partial<NamespaceWorld> = {}): NamespaceWorld {
  return {
    namespace: 'shop',
    pods: [podA, podB],
    services: [sampleService({ app: 'web' })],
    slices: [
      sampleSlice('web-s1', byController, [
        sampleEntry('10.0.0.1', 'web-7d-bbbbb'),
        sampleEntry('10.0.0.2', 'web-7d-ccccc'),
      ]),
    ],
    endpoints: [sampleEndpoints('10.0.0.1', '10.0.0.2')],
    deployments: [
      {
        metadata: { name: 'web', namespace: 'shop', uid: 'uid-web' },
        spec: { selector: { matchLabels: { app: 'web' } }, template: {} },
      },
    ],
    replicaSets: [sampleReplicaSet],
    statefulSets: [],
    daemonSets: [],
    ...parts,
  };
}

export function sampleWorld(parts: Partial<NamespaceWorld> = {}, more: Partial<World> = {}): World {
  return {
    environment: sampleEnvironment,
    nowMs: sampleNow,
    namespaces: [sampleNamespace(parts)],
    notListed: [],
    files: [],
    shut: [],
    ...more,
  };
}

export const podA = samplePod('web-7d-bbbbb', '10.0.0.1');
export const podB = samplePod('web-7d-ccccc', '10.0.0.2');
/** Not there when all is well. */
export const podC = samplePod('web-7d-ddddd', '10.0.0.3');

export function annotated(pod: Pod, annotations: Record<string, string>): Pod {
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

export function sampleRecord(more: object = {}): string {
  const startedAt = new Date(sampleNow - 3_600_000).toISOString();
  return JSON.stringify({
    id: 'abcd1234',
    by: 'jane (jane@laptop)',
    startedAt,
    renewedAt: startedAt,
    leaseSeconds: 60,
    route: 'label',
    phase: 'out',
    labels: { traffic: 'on' },
    deletionCost: null,
    services: ['web'],
    ports: [8080],
    container: 'web',
    diagnostic: 'none',
    ...more,
  });
}

export function diagnoseIn(parts: Partial<NamespaceWorld>): readonly Finding[] {
  return diagnose(sampleWorld(parts));
}

export function namesOf(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ name }) => name);
}

export function costsOf([first]: readonly Finding[]): readonly string[] {
  return describeCost(first?.cost ?? []);
}
