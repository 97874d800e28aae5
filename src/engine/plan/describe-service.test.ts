import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { PlanService } from './plan.ts';
import type { Snapshot } from './snapshot.ts';

const sidecar = {
  name: 'mesh',
  restartPolicy: 'Always',
  ports: [{ name: 'admin', containerPort: 15000 }],
};
const pod: Pod = {
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u1', labels: { app: 'web' } },
  spec: {
    nodeName: 'n1',
    containers: [
      {
        name: 'app',
        ports: [
          { name: 'http', containerPort: 8080 },
          { name: 'dns', containerPort: 53, protocol: 'UDP' },
        ],
      },
    ],
    initContainers: [sidecar],
  },
  status: {
    podIP: '10.0.0.1',
    podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }],
    conditions: [{ type: 'Ready', status: 'True' }],
  },
};

function entry(uid: string, address: string, nodeName = 'n1'): Endpoint {
  const conditions = { ready: true, serving: true };
  return { addresses: [address], conditions, nodeName, targetRef: { kind: 'Pod', uid } };
}

function slice(
  name: string,
  endpoints: readonly Endpoint[],
  ports: EndpointSlice['ports'] = [],
): EndpointSlice {
  const controller = 'endpointslice-controller.k8s.io';
  const labels = {
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': controller,
  };
  return { metadata: { name, labels }, addressType: 'IPv4', ports, endpoints: [...endpoints] };
}

function describe(
  spec: Service['spec'],
  slices: readonly EndpointSlice[] = [],
): PlanService | undefined {
  const service = { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ...spec } };
  const snapshot: Snapshot = { pod, owner: undefined, services: [service], slices };
  const request = { target: 'web-1', namespace: 'shop', overrides: [] };
  return decide(snapshot, request, 'none').status.services[0];
}

it.each([
  ['a name of the Pod’s own', { port: 80, targetPort: 'http' }, [{ port: 80, targetPort: 8080 }]],
  ['a name of a sidecar', { port: 81, targetPort: 'admin' }, [{ port: 81, targetPort: 15000 }]],
  [
    'a name by its protocol',
    { port: 53, targetPort: 'dns', protocol: 'UDP' },
    [{ port: 53, targetPort: 53, protocol: 'UDP' }],
  ],
  ['a name of another protocol', { port: 53, targetPort: 'dns' }, []],
  ['a number', { port: 80, targetPort: 9090 }, [{ port: 80, targetPort: 9090 }]],
  ['none: the port itself', { port: 80 }, [{ port: 80, targetPort: 80 }]],
])('resolves a target port that is %s', (_, port, expected) => {
  expect(describe({ ports: [port] })?.ports).toEqual(expected);
});

it('goes by what the slice resolved', () => {
  const slices = [slice('web-4', [entry('u1', '10.0.0.1')], [{ name: '', port: 7070 }])];
  expect(describe({ ports: [{ port: 80, targetPort: 'http' }] }, slices)?.ports).toEqual([
    { port: 80, targetPort: 7070 },
  ]);
});

it('takes every port of the Pod for a headless Service without ports', () => {
  expect(describe({ clusterIP: 'None' })?.ports.map(({ targetPort }) => targetPort)).toEqual([
    8080, 53, 15000,
  ]);
});

it('counts a Pod of two address families once, and those of its own node apart', () => {
  const slices = [
    slice('web-4', [entry('u1', '10.0.0.1'), entry('u2', '10.0.0.2', 'n2')]),
    slice('web-6', [entry('u1', 'fd00::1'), entry('u2', 'fd00::2', 'n2')]),
  ];
  expect(describe({ internalTrafficPolicy: 'Local', ports: [] }, slices)).toMatchObject({
    slices: ['web-4', 'web-6'],
    readyEndpoints: 2,
    readyOthers: 1,
    readyOthersOnNode: 0,
  });
});

it('knows an entry of its address that still names a Pod of before', () => {
  const slices = [slice('web-4', [entry('gone', '10.0.0.1'), entry('u2', '10.0.0.2')])];
  expect(describe({ ports: [] }, slices)).toMatchObject({ readyEndpoints: 2, readyOthers: 1 });
});
