import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import { describe, expect, it } from 'vitest';
import { findEntries } from './entries.ts';
import type { Snapshot } from './snapshot.ts';

const ip = '10.244.1.5';
const pod: Pod = {
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u1', labels: { app: 'web' } },
  status: { podIP: ip, podIPs: [{ ip }, { ip: 'fd00::5' }] },
};

function service(selector?: Record<string, string>, more: object = {}): Service {
  return { metadata: { name: 'web' }, spec: { ...(selector && { selector }), ...more } };
}

function slice(managedBy: string, metadata: ObjectMeta = {}, address = ip): EndpointSlice {
  return {
    metadata: {
      name: 'web-1',
      uid: 's1',
      ...metadata,
      labels: {
        'kubernetes.io/service-name': 'web',
        ...(managedBy && { 'endpointslice.kubernetes.io/managed-by': managedBy }),
      },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  };
}

const controller = 'endpointslice-controller.k8s.io';
const mirroring = 'endpointslicemirroring-controller.k8s.io';
const endpoints: Endpoints = {
  metadata: { name: 'web', uid: 'e1' },
  subsets: [{ addresses: [{ ip }, { ip: '10.244.1.6' }] }],
};

function entries(world: Partial<Snapshot>): readonly string[] {
  return findEntries({ pod, owner: undefined, services: [], slices: [], ...world }).map(
    ({ resource, name, reason, heldBy }) =>
      `${resource}/${name}: ${reason}${heldBy ? ` (${heldBy})` : ''}`,
  );
}

describe('findEntries', () => {
  it.each<readonly [string, Partial<Snapshot>, readonly string[]]>([
    [
      'leaves a slice to its controller as long as the Service has a selector',
      { services: [service({ app: 'web' })], slices: [slice(controller)] },
      [],
    ],
    [
      "takes the slice that a removed selector left behind, and the mirror's Endpoints",
      {
        services: [service()],
        slices: [slice(controller), slice(mirroring, { name: 'web-mirror' })],
        endpoints: [endpoints],
      },
      [
        'endpointslices/web-1: left over from when service/web had a selector: its controller does not look at it any more',
        'endpoints/web: service/web has no selector: nobody but their author changes its Endpoints',
      ],
    ],
    [
      'takes Endpoints that may not be listed by what their mirrors show, once',
      {
        services: [service()],
        slices: [slice(mirroring), slice(mirroring, { name: 'web-2' })],
      },
      ['endpoints/web: service/web has no selector: endpointslice/web-1 mirrors its Endpoints'],
    ],
    [
      'takes a mirror that no Endpoints stand behind',
      { services: [service()], slices: [slice(mirroring)], endpoints: [] },
      ['endpointslices/web-1: a mirror whose Endpoints do not list the Pod'],
    ],
    [
      'takes a slice made by hand beside the controller’s',
      { services: [service({ app: 'web' })], slices: [slice('')] },
      ['endpointslices/web-1: made by hand'],
    ],
    [
      'takes one that people say they manage',
      { services: [service()], slices: [slice('staff')] },
      ['endpointslices/web-1: managed by staff'],
    ],
    [
      'says which object owns it',
      {
        services: [service()],
        slices: [
          slice('', {
            ownerReferences: [
              { apiVersion: 'x/v1', kind: 'Mesh', name: 'm', uid: 'm', controller: true },
            ],
          }),
        ],
      },
      ['endpointslices/web-1: made by hand (mesh/m)'],
    ],
    [
      'takes one of a Service that does not exist',
      { slices: [slice('')] },
      ['endpointslices/web-1: made by hand, for a Service that does not exist'],
    ],
    [
      'leaves Endpoints to their controller as long as the Service has a selector',
      { services: [service({ app: 'other' })], endpoints: [endpoints] },
      [],
    ],
    [
      'knows an IPv6 address however it is written',
      { services: [service()], slices: [slice('', {}, 'FD00:0:0::0005')] },
      ['endpointslices/web-1: made by hand'],
    ],
    [
      'leaves what takes no traffic',
      {
        services: [service()],
        slices: [
          {
            ...slice(''),
            endpoints: [{ addresses: [ip], conditions: { ready: false, serving: false } }],
          },
        ],
      },
      [],
    ],
  ])('%s', (_, world, expected) => {
    expect(entries(world)).toEqual(expected);
  });

  it('tells Pods on a Node’s own network apart, which share its address', () => {
    const host: Pod = { ...pod, spec: { hostNetwork: true, containers: [] } };
    const other: EndpointSlice = {
      ...slice(''),
      endpoints: [{ addresses: [ip], targetRef: { kind: 'Pod', uid: 'u2' } }],
    };
    expect(entries({ services: [service()], slices: [other] })).toHaveLength(1);
    expect(entries({ pod: host, services: [service()], slices: [other] })).toEqual([]);
  });
});
