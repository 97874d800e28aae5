import fc from 'fast-check';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { describe, expect, it } from 'vitest';
import { portsKey, type EndpointGroup } from './desired-endpoints.ts';
import { placeEndpoints, type SliceWrites } from './place-endpoints.ts';

const service: Service = { metadata: { name: 'web', namespace: 'shop', uid: 'svc' } };

function endpoint(id: number, ready = true): Endpoint {
  return {
    addresses: [`10.0.${id >> 8}.${id & 255}`],
    conditions: { ready, serving: ready, terminating: false },
    targetRef: { kind: 'Pod', namespace: 'shop', name: `web-${id}`, uid: `uid-${id}` },
  };
}

function group(port: number, endpoints: Endpoint[]): EndpointGroup {
  return { addressType: 'IPv4', ports: [{ name: '', port, protocol: 'TCP' }], endpoints };
}

function slice(
  name: string,
  port: number,
  endpoints: Endpoint[],
  manager = 'endpointslice-controller.k8s.io',
): EndpointSlice {
  return {
    metadata: {
      name,
      namespace: 'shop',
      labels: {
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': manager,
      },
    },
    addressType: 'IPv4',
    ports: [{ name: '', port, protocol: 'TCP' }],
    endpoints,
  };
}

/** The slices as they are once all is written. */
function carriedOut(slices: readonly EndpointSlice[], writes: SliceWrites): EndpointSlice[] {
  const kept = slices.filter((each) => !writes.deletes.includes(each));
  const patched = kept.map((each) => {
    const patch = writes.patches.find((candidate) => candidate.slice === each);
    return patch ? { ...each, endpoints: [...patch.endpoints], ports: [...patch.ports] } : each;
  });
  return [...patched, ...writes.creates];
}

function listed(slices: readonly EndpointSlice[]): string[] {
  return slices
    .flatMap(({ ports, endpoints }) =>
      endpoints.map(({ addresses, conditions }) =>
        [portsKey(ports), addresses.join(), conditions?.ready].join(' '),
      ),
    )
    .toSorted();
}

describe('placeEndpoints', () => {
  it('writes nothing where everything is listed as it should be', () => {
    const slices = [slice('web-a', 80, [endpoint(1), endpoint(2)])];
    const writes = placeEndpoints(service, [group(80, [endpoint(2), endpoint(1)])], slices);
    expect(writes).toEqual({ creates: [], patches: [], deletes: [] });
  });

  it('adds a slice of its own only for what has no room, under a name that all agree on', () => {
    const full = Array.from({ length: 100 }, (_, id) => endpoint(id));
    const slices = [slice('web-a', 80, full)];
    const { creates, patches } = placeEndpoints(
      service,
      [group(80, [...full, endpoint(100)])],
      slices,
    );
    expect(patches).toEqual([]);
    expect(creates).toMatchObject([
      {
        metadata: {
          name: 'web-pitstop-ipv4-1',
          labels: { 'endpointslice.kubernetes.io/managed-by': 'pitstop.dev' },
          ownerReferences: [{ kind: 'Service', name: 'web', uid: 'svc' }],
        },
      },
    ]);
  });

  it('gives a slice whose ports nobody has any more the new ones, instead of adding one', () => {
    const slices = [slice('web-a', 80, [endpoint(1)])];
    const { creates, patches } = placeEndpoints(service, [group(90, [endpoint(1)])], slices);
    expect(creates).toEqual([]);
    expect(patches).toMatchObject([{ ports: [{ port: 90 }], endpoints: [{}] }]);
  });

  it('leaves zone hints that were allocated where they are', () => {
    const hinted = { ...endpoint(1), hints: { forZones: [{ name: 'z2' }] } };
    const auto: Service = {
      metadata: {
        ...service.metadata,
        annotations: { 'service.kubernetes.io/topology-mode': 'Auto' },
      },
    };
    const slices = [slice('web-a', 80, [hinted, endpoint(2)])];
    const { patches } = placeEndpoints(auto, [group(80, [endpoint(1)])], slices);
    expect(patches[0]?.endpoints).toEqual([hinted]);
  });

  it('lists exactly what is desired, in any world, touches no foreign slice, and then rests', () => {
    const ports = fc.constantFrom(80, 90, 100);
    const place = fc.record({
      id: fc.integer({ min: 0, max: 400 }),
      port: ports,
      ready: fc.boolean(),
    });
    const places = fc.uniqueArray(place, { selector: ({ id }) => id, maxLength: 300 });
    const stored = fc.array(
      fc.record({
        port: ports,
        manager: fc.constantFrom('endpointslice-controller.k8s.io', 'pitstop.dev', 'staff'),
        ids: fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 100 }),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(places, stored, (wanted, before) => {
        const groups = [80, 90, 100].flatMap((port) => {
          const own = wanted.filter((each) => each.port === port);
          return own.length > 0
            ? [
                group(
                  port,
                  own.map(({ id, ready }) => endpoint(id, ready)),
                ),
              ]
            : [];
        });
        const slices = before.map(({ port, manager, ids }, index) =>
          slice(
            `web-${index}`,
            port,
            ids.map((id) => endpoint(id)),
            manager,
          ),
        );
        const foreign = slices.filter((_, index) => before[index]?.manager === 'staff');
        const after = carriedOut(slices, placeEndpoints(service, groups, slices));
        const ours = after.filter((each) => !foreign.includes(each));
        expect(foreign.every((each) => after.includes(each))).toBe(true);
        expect(listed(ours)).toEqual(
          wanted
            .map(({ id, port, ready }) =>
              [
                portsKey([{ name: '', port, protocol: 'TCP' }]),
                endpoint(id).addresses[0],
                ready,
              ].join(' '),
            )
            .toSorted(),
        );
        expect(ours.every(({ endpoints }) => endpoints.length <= 100)).toBe(true);
        expect(placeEndpoints(service, groups, after)).toEqual({
          creates: [],
          patches: [],
          deletes: [],
        });
      }),
      { numRuns: 300 },
    );
  });
});
