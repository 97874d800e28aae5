import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { refuseInterlocked } from './interlocks/refuse.ts';
import { PitstopError } from '../errors.ts';
import { recordAnnotation } from '../annotations.ts';
import type { SessionRequest } from './request.ts';
import type { Owner, Snapshot } from './snapshot.ts';

const request: SessionRequest = { target: 'web-1', namespace: 'shop' };

function pod(
  over: { annotations?: Record<string, string>; ready?: boolean; deleted?: boolean } = {},
): Pod {
  return {
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      uid: 'u1',
      labels: { app: 'web' },
      ...(over.annotations && { annotations: over.annotations }),
      ...(over.deleted && { deletionTimestamp: '2026-11-23T00:00:00Z' }),
    },
    spec: { containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }] },
    status: {
      podIP: '10.244.1.5',
      conditions: [{ type: 'Ready', status: over.ready === false ? 'False' : 'True' }],
    },
  };
}

const service: Service = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
};

function slice(...addresses: string[]): EndpointSlice {
  return {
    metadata: {
      name: 'web-abc',
      labels: {
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080 }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  };
}

function world(over: Partial<Snapshot> = {}): Snapshot {
  return {
    pod: pod(),
    owner: undefined,
    services: [service],
    slices: [slice('10.244.1.5', '10.244.1.6')],
    budgets: [],
    autoscalers: [],
    ...over,
  };
}

function interlocks(snapshot: Snapshot, over: Partial<SessionRequest> = {}): string[] {
  return decide(snapshot, { ...request, ...over }, 'auto').status.interlocks.map(
    ({ name, overridden }) => name + (overridden ? ' overridden' : ''),
  );
}

function deployment(status: object): Owner {
  return {
    kind: 'ReplicaSet',
    replicaSet: {
      metadata: { name: 'web-1', uid: 'rs' },
      spec: { selector: { matchLabels: { app: 'web' } }, replicas: 2 },
    },
    deployment: {
      metadata: { name: 'web', generation: 2 },
      spec: { replicas: 2, selector: {}, template: {} },
      status,
    },
  };
}

describe('decide', () => {
  it('resolves ports and counts who else is ready', () => {
    expect(decide(world(), request, 'auto').status.services).toEqual([
      {
        name: 'web',
        type: 'ClusterIP',
        headless: false,
        selector: { app: 'web' },
        publishNotReadyAddresses: false,
        ports: [{ port: 80, targetPort: 8080 }],
        slices: ['web-abc'],
        managedBy: ['endpointslice-controller.k8s.io'],
        readyEndpoints: 2,
        readyOthers: 1,
        leavesBy: [{ by: 'label', how: 'without label app' }],
      },
    ]);
  });

  it('says of a forced route why it will not do, and which would', () => {
    expect(() => decide(world(), { ...request, route: 'gate' }, 'auto')).toThrow(
      expect.objectContaining({
        code: 'no-route',
        message:
          'pod shop/web-1 cannot be taken out of its Services\n' +
          '  gate: the Pod declares no readiness gate pitstop.dev/in-service',
        hint: 'without --route=gate it would leave them by route label',
      }),
    );
  });

  it('says what a crash right after the first write would leave', () => {
    expect(decide(world(), request, 'auto').status.ifCrashed).toBe(
      'the Pod stays out; nothing else moves',
    );
  });

  it('refuses a container that the Pod does not have, naming those it has', () => {
    expect(() => decide(world(), { ...request, container: 'nope' }, 'auto')).toThrow(
      expect.objectContaining({
        code: 'container-not-found',
        hint: expect.stringContaining('app'),
      }),
    );
  });

  it.each([
    ['last-endpoint', world({ slices: [slice('10.244.1.5')] })],
    ['not-ready', world({ pod: pod({ ready: false }) })],
    ['session-exists', world({ pod: pod({ annotations: { [recordAnnotation]: '{}' } }) })],
    ['terminating', world({ pod: pod({ deleted: true }) })],
    [
      'rollout',
      world({ owner: deployment({ observedGeneration: 1, replicas: 2, updatedReplicas: 2 }) }),
    ],
    [
      'rollout',
      world({ owner: deployment({ observedGeneration: 2, replicas: 3, updatedReplicas: 1 }) }),
    ],
  ])('is held by interlock %s', (name, snapshot) => {
    expect(interlocks(snapshot)).toEqual([name]);
  });

  it('lets a settled Deployment through', () => {
    const owner = deployment({ observedGeneration: 2, replicas: 2, updatedReplicas: 2 });
    expect(interlocks(world({ owner }))).toEqual([]);
  });

  it('overrides only what can be overridden', () => {
    const last = world({ slices: [slice('10.244.1.5')] });
    expect(interlocks(last, { overrides: ['last-endpoint'] })).toEqual([
      'last-endpoint overridden',
    ]);
    const held = world({ pod: pod({ annotations: { [recordAnnotation]: '{}' } }) });
    expect(interlocks(held, { overrides: ['session-exists'] })).toEqual(['session-exists']);
  });
});

describe('refuseInterlocked', () => {
  it('names the Service, and the flag that overrides', () => {
    const plan = decide(world({ slices: [slice('10.244.1.5')] }), request, 'auto');
    expect(() => refuseInterlocked(plan)).toThrow(PitstopError);
    expect(() => refuseInterlocked(plan)).toThrow(
      expect.objectContaining({
        code: 'interlock',
        message: expect.stringContaining('service/web'),
        hint: expect.stringContaining('--override=last-endpoint'),
      }),
    );
  });

  it('sends to restore when another session holds the Pod', () => {
    const plan = decide(
      world({ pod: pod({ annotations: { [recordAnnotation]: '{}' } }) }),
      request,
      'auto',
    );
    expect(() => refuseInterlocked(plan)).toThrow(
      expect.objectContaining({ hint: 'kubectl pitstop restore web-1 -n shop' }),
    );
  });
});
